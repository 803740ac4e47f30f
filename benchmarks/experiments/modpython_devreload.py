"""MaxRequestsPerChild 1: each child of Apache serves one request and ends, so that the next one loads the site anew.

Apache counts connections, not requests, so that both arms close theirs after each answer. Four children wait, of which
readers need two: while one ends, another serves.
"""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed

SHAPE = {"workers": 4, "keepalive": 0}

experiment = Experiment(
    claim="modpython-devreload",
    arms={
        "children stay": Arm("modpython-apache", SHAPE, server="Apache"),
        "one request a child": Arm("modpython-apache", SHAPE | {"max_requests": 1}, server="Apache"),
    },
    favoured="children stay",
    against="one request a child",
    workload=Closed(users=2, page="/articles/1/"),
    metric="cpu_per_request",
    matters=0.10,
    expected="favoured",
    regime="2 readers without pauses, an article, 4 children of Apache",
    elsewhere=Elsewhere(regime="2 readers without pauses, {page}, 4 children of Apache"),
    windows={
        "smoke": Window(warmup=1.0, seconds=1.5),
        "lesson": Window(warmup=2.5, seconds=3.0, blocks=6),
        "reference": Window(warmup=2.5, seconds=6.0, blocks=10),
    },
)
