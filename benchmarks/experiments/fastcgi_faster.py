"""FastCGI behind Apache against mod_python inside it, with the same number of processes that run Django.

The chapter says that FastCGI may be faster in some situations, and leaves open in which. Three pages are tried: the less a
page does, the more of its cost is the way through the server. FastCGI has its Apache under prefork like mod_python, which
differs from it in nothing but who runs Django; lighttpd in its place is shown beside.
"""

from __future__ import annotations

from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.pages import by_page
from benchmarks.plan.workload import Closed

SHAPE = {"workers": 4, "keepalive": 0}

experiment = Experiment(
    claim="fastcgi-faster",
    arms={
        "FastCGI": Arm("fastcgi-apache", SHAPE | {"connections": 10, "method": "prefork"}, server="Apache"),
        "mod_python": Arm("modpython-apache", SHAPE, server="Apache"),
        "FastCGI, lighttpd": Arm("fastcgi-lighttpd", SHAPE | {"method": "prefork"}, server="lighttpd"),
    },
    favoured="FastCGI",
    against="mod_python",
    workload=Closed(users=4, page="/articles/1/"),
    factor=by_page("article"),
    metric="cpu_per_request",
    matters=0.10,
    expected="against",
    regime="4 readers without pauses; a trivial page, an article, a section front; 4 processes that run Django",
    elsewhere="it compares pages of the newsroom with each other",
    windows={
        "smoke": Window(warmup=1.2, seconds=0.6, points=("hello", "section"), later=0.3),
        # A second of section fronts is thirty requests: with one turn and six blocks they were undecided
        "lesson": Window(warmup=1.5, seconds=1.0, blocks=8, turns=2),
        "reference": Window(warmup=2.5, seconds=0.8, blocks=12, turns=4),
    },
)
