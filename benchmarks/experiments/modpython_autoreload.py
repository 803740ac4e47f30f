"""PythonAutoReload On and Off.

What it governs is mod_python's own importer, and that imports one module of a Django site: the handler. Django and the
project come by Python's import statement, which looks at no file twice. So On costs a look at one file, once a second at
most, and no edit of the project is seen by it. The page is the one that leaves Django least to do.
"""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed, Expectation

SHAPE = {"workers": 2, "keepalive": 0}

experiment = Experiment(
    claim="modpython-autoreload",
    arms={
        "Off": Arm("modpython-apache", SHAPE | {"autoreload": False}, server="Apache"),
        "On": Arm("modpython-apache", SHAPE | {"autoreload": True}, server="Apache"),
    },
    favoured="Off",
    against="On",
    workload=Closed(users=2, page="/hello/"),
    expectation=Expectation(marker="Hello"),
    metric="cpu_per_request",
    matters=0.10,
    expected="no difference",
    regime="2 readers without pauses, a page that says hello, 2 children of Apache",
    elsewhere=Elsewhere(regime="2 readers without pauses, {page}, 2 children of Apache"),
    windows={
        "smoke": Window(warmup=1.0, seconds=0.8),
        "lesson": Window(warmup=1.2, seconds=1.5),
        "reference": Window(warmup=1.5, seconds=4.0, blocks=16),
    },
)
