"""No start-up time per request: the same page by CGI, which starts everything anew, and by FastCGI, which does not."""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed, Expectation

experiment = Experiment(
    claim="fastcgi-startup",
    arms={
        "CGI": Arm("cgi-lighttpd", server="lighttpd"),
        "FastCGI": Arm("fastcgi-lighttpd", server="lighttpd"),
    },
    favoured="FastCGI",
    against="CGI",
    workload=Closed(users=2, page="/hello/"),
    expectation=Expectation(marker="Hello"),
    metric="cpu_per_request",
    matters=0.10,
    expected="favoured",
    regime="2 readers without pauses, a page that says hello, lighttpd in front of both",
    elsewhere=Elsewhere(regime="2 readers without pauses, {page}, lighttpd in front of both"),
    # A CGI request takes a quarter of a second: shorter windows would hold too few of them
    windows={
        "smoke": Window(warmup=0.3, seconds=1.3),
        "lesson": Window(warmup=0.5, seconds=2.5),
    },
)
