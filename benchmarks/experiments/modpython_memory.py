"""Code that stays in memory, against code that is loaded for each request: the same page in five arrangements.

What mod_python has before CGI is that the interpreter, Django and the project are there when a request comes, and that is
what the chapter gives as the reason. So CGI is the arm argued against. The other arrangements keep code in memory as
well, and stand beside the two: the gain over those is what is left once memory is no difference. All have two workers of
one process each, close a connection after its answer, and answer the page that leaves Django least to do, on which a
difference between servers is largest.
"""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed, Expectation

SHAPE = {"workers": 2, "keepalive": 0}

experiment = Experiment(
    claim="modpython-memory",
    arms={
        "CGI": Arm("cgi-lighttpd", {"keepalive": 0}, server="lighttpd"),
        "mod_python": Arm("modpython-apache", SHAPE, server="Apache"),
        "mod_wsgi, embedded": Arm("modwsgi-apache", SHAPE | {"mode": "embedded", "mpm": "prefork"}, server="Apache"),
        "FastCGI": Arm("fastcgi-apache", SHAPE | {"connections": 10, "method": "prefork"}, server="Apache"),
        "gunicorn": Arm("gunicorn", SHAPE, server="gunicorn"),
    },
    favoured="mod_python",
    against="CGI",
    workload=Closed(users=2, page="/hello/"),
    expectation=Expectation(marker="Hello"),
    metric="cpu_per_request",
    matters=0.10,
    expected="favoured",
    regime="2 readers without pauses, a page that says hello, 2 processes that each serve one request at a time",
    elsewhere=Elsewhere(regime="2 readers without pauses, {page}, 2 processes that each serve one request at a time"),
    windows={
        # A child of Apache loads the site at its first request, a CGI program at each
        "smoke": Window(warmup=1.2, seconds=2.0),
        "lesson": Window(warmup=3.0, seconds=3.0, blocks=6),
        "reference": Window(warmup=3.0, seconds=5.0, blocks=10),
    },
)
