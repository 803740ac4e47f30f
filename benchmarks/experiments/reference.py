"""What a Django team would choose today, beside the chapter's FastCGI: the same three pages on every server here.

All arms have one shape, a process with five threads: four processes on one processor keep four copies of Django's caches
warm and cost more by that alone, whichever server runs them.
"""

from __future__ import annotations

from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.pages import by_page
from benchmarks.plan.workload import Closed

SHAPE = {"workers": 1, "threads": 5}  # flup's own, threaded, is the same

experiment = Experiment(
    claim="reference",
    arms={
        "gunicorn": Arm("gunicorn", SHAPE, server="gunicorn"),
        "gunicorn behind nginx": Arm("gunicorn-nginx", SHAPE, server="nginx"),
        "flup behind nginx": Arm("fastcgi-nginx", server="nginx"),
        "flup behind lighttpd": Arm("fastcgi-lighttpd", server="lighttpd"),
        "flup behind Apache": Arm("fastcgi-apache", server="Apache"),
    },
    favoured="flup behind lighttpd",
    against="gunicorn behind nginx",
    workload=Closed(users=4, page="/hello/"),
    factor=by_page("article"),  # the page that most readers of a newspaper ask for
    metric="cpu_per_request",
    matters=0.10,
    expected="no difference",
    regime="4 readers without pauses; a trivial page, an article, a section front; one process with five threads",
    elsewhere="it compares pages of the newsroom with each other",
    windows={
        "smoke": Window(warmup=0.4, seconds=0.6, points=("hello", "section"), later=0.2),
        # Servers that start a minute apart differ by more than windows in turn do: many starts, and short windows that
        # alternate among the five. With six blocks of one turn the article was undecided, 1.04 (0.97 to 1.11).
        "lesson": Window(warmup=0.5, seconds=0.6, blocks=10, turns=2),
        "reference": Window(warmup=1.0, seconds=0.6, blocks=12, turns=4),
    },
)
