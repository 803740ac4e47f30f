"""Media on a server of its own: the same front page with its pictures, served in several ways on one machine.

Two things change when media get a server of their own: the program, and that it may keep connections open, having no
workers to lose. The chapter's advice is both together; the last arm shows what the program alone is worth.
"""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed

# The Apache that runs Django closes its connections, as the chapter advises: with Keep-Alive on, two browsers that open
# six connections each would hold all ten workers, and the experiment would be about that.
CHAPTER = {"keepalive": 0}

experiment = Experiment(
    claim="scale-media",
    arms={
        "Django": Arm("fastcgi-apache", {"media": "django"} | CHAPTER, server="Apache"),
        "the same Apache": Arm("fastcgi-apache", {"media": "front-end"} | CHAPTER, server="Apache"),
        "a server of its own": Arm("fastcgi-apache", {"media": "own"} | CHAPTER, server="Apache"),
        "its own, no Keep-Alive": Arm(
            "fastcgi-apache", {"media": "own", "media_keepalive": 0} | CHAPTER, server="Apache"
        ),
    },
    favoured="a server of its own",
    against="the same Apache",
    workload=Closed(users=2, page="/", user="browser"),
    metric="cpu_per_page",
    matters=0.05,
    expected="favoured",
    regime="2 browsers without pauses, the front page and all its pictures, six connections each; one machine",
    elsewhere=Elsewhere(
        regime="2 browsers without pauses, {page}, six connections each; one machine",
        asks="pictures",
        without=("Django",),  # on most sites it serves no media
    ),
    windows={
        "smoke": Window(warmup=0.4, seconds=0.8),
        "lesson": Window(warmup=0.7, seconds=2.5),
        "reference": Window(warmup=1.0, seconds=3.0),
    },
)
