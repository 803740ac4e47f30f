"""method=threaded or method=prefork: twenty threads against five processes, which take twice their memory.

The factor that decides is the time a page waits, for a database or another site: a thread that waits lets the others
work, while a thread that computes holds the interpreter (Python's global lock) and keeps them from it.
"""

from __future__ import annotations

from benchmarks.plan.experiment import Arm, Experiment, Factor, Window
from benchmarks.plan.workload import Closed


def waiting(milliseconds: float) -> dict[str, object]:
    """A page that computes for 10 ms and waits for so long."""
    return {"page": f"/wait/?seconds={milliseconds / 1000:g}&burn=0.01"}


experiment = Experiment(
    claim="fastcgi-method",
    arms={
        "threaded": Arm("fastcgi-lighttpd", {"method": "threaded", "workers": 20}),
        "prefork": Arm("fastcgi-lighttpd", {"method": "prefork", "workers": 5}),
    },
    favoured="threaded",
    against="prefork",
    workload=Closed(users=20, page="/wait/?seconds=0&burn=0.01"),
    factor=Factor(
        name="wait",
        label="time a page waits",
        unit="ms",
        values=(0, 10, 40, 160, 640),
        main=160,
        workload=waiting,
    ),
    metric="pages_per_second",
    matters=0.10,
    expected="depends",
    regime="20 readers without pauses, a page that computes for 10 ms and waits; 20 threads against 5 processes",
    elsewhere="it compares pages of the newsroom with each other",
    pinned=False,
    unpinned="the question is what several processors are used for; the generator needs a tenth of one",
    windows={
        "smoke": Window(warmup=0.4, seconds=0.7, points=(0, 160)),
        "lesson": Window(warmup=0.7, seconds=2.6, blocks=6, points=(0, 160)),
        "reference": Window(warmup=0.7, seconds=2.0, blocks=10),
    },
)
