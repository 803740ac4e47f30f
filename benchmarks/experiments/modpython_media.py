"""One picture, served by Django under mod_python, by the same Apache past Django in the chapter's two ways, and elsewhere.

The arm argued against is Django's own view. The separate server is lighttpd, asked for the same file at the same address;
its Django has nothing to do. The page is one file, so that CPU per request is CPU per file. Memory stands beside it: a
child that has served a page as well carries Django while it hands out a picture, and in this experiment only those of the
first arm do.
"""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed

SHAPE = {"workers": 4, "keepalive": 0}

experiment = Experiment(
    claim="modpython-media",
    arms={
        "Django": Arm("modpython-apache", SHAPE | {"media": "django"}, server="Apache"),
        "SetHandler None": Arm("modpython-apache", SHAPE | {"by": "path"}, server="Apache"),
        "LocationMatch": Arm("modpython-apache", SHAPE | {"by": "ending"}, server="Apache"),
        "a separate server": Arm("fastcgi-lighttpd", {"keepalive": 0}, server="lighttpd"),
    },
    favoured="SetHandler None",
    against="Django",
    workload=Closed(users=2, page="/media/photos/thumbnail/town-1.jpg"),
    metric="cpu_per_request",
    matters=0.10,
    expected="favoured",
    regime="2 readers without pauses, one picture of 3 kB, a connection for each",
    elsewhere=Elsewhere(regime="2 readers without pauses, {page}, a connection for each", asks="file"),
    windows={
        "smoke": Window(warmup=1.0, seconds=0.8),
        "lesson": Window(warmup=1.5, seconds=1.5, blocks=6),
        "reference": Window(warmup=2.0, seconds=3.0, blocks=12),
    },
)
