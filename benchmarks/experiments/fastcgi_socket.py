"""A Unix socket or TCP between nginx and flup.

The chapter calls it all the same, and the arm argued against is the Unix socket, which saves the kernel the work of a
protocol made for networks. It is best on the page that does nothing else; each further page asks how much of a
difference the site's own work leaves. flup opens a connection for each request on both sides, as nginx wants it by
default, so that opening one is in the price.
"""

from __future__ import annotations

from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.pages import by_page
from benchmarks.plan.workload import Closed

experiment = Experiment(
    claim="fastcgi-socket",
    arms={
        "TCP": Arm("fastcgi-nginx", {"listen": "tcp"}),
        "Unix socket": Arm("fastcgi-nginx", {"listen": "unix"}),
    },
    favoured="TCP",
    against="Unix socket",
    workload=Closed(users=4, page="/hello/"),
    factor=by_page("hello"),  # nothing but the way there and back: where a difference would show first
    metric="cpu_per_request",
    matters=0.10,
    expected="no difference",
    regime="4 readers without pauses, nginx and flup on one machine; a trivial page, an article, a section front",
    elsewhere="it compares pages of the newsroom with each other",
    windows={
        "smoke": Window(warmup=0.3, seconds=0.6, points=("hello", "section"), later=0.2),
        "lesson": Window(warmup=0.5, seconds=1.0, blocks=6),
        "reference": Window(warmup=0.6, seconds=3.0, blocks=12),
    },
)
