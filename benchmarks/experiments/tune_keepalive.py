"""Keep-Alive off: readers who pause between pages, on an Apache that gives each open connection a worker, and on one
that does not.

Without pauses Keep-Alive wins, and a benchmark without pauses sees nothing else. What decides is whether readers
outnumber workers. The processors idle, so all four arms run at the same time and meet the same moments.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Factor, Window
from benchmarks.plan.workload import Closed

ON, OFF = {"keepalive": 5}, {"keepalive": 0}
PREFORK, EVENT = {"mpm": "prefork", "connections": 10}, {"mpm": "event", "connections": 10}


def short(whole: Experiment) -> Experiment:
    """Everything that a reader waits for in a fifth of the time, but for Apache's two seconds of lingering close, which are fixed:
    the windows of a smoke run would else see hardly any connection end."""
    quick = {
        name: replace(arm, options={**arm.options, "keepalive": arm.options["keepalive"] // 5})
        for name, arm in whole.arms.items()
    }
    return replace(
        whole,
        arms=quick,
        workload=whole.workload.replace(pause=(0.2, 2)),
        regime="readers pause 0.2 to 2 s between pages; 10 workers; connections kept for 1 s, or closed",
    )


experiment = Experiment(
    claim="tune-keepalive",
    arms={
        "prefork, on": Arm("fastcgi-apache", PREFORK | ON, server="Apache"),
        "prefork, off": Arm("fastcgi-apache", PREFORK | OFF, server="Apache"),
        "event, on": Arm("fastcgi-apache", EVENT | ON, server="Apache"),
        "event, off": Arm("fastcgi-apache", EVENT | OFF, server="Apache"),
    },
    favoured="prefork, off",
    against="prefork, on",
    workload=Closed(users=40, page="/articles/1/", pause=(1, 10), timeout=120),
    factor=Factor(
        name="readers",
        label="number of readers on 10 workers",
        unit="",
        values=(5, 10, 20, 40),
        main=40,
        workload=lambda n: {"users": n},
    ),
    metric="pages_per_second",
    matters=0.10,
    expected="depends",
    regime="readers pause 1 to 10 s between pages; 10 workers; connections kept for 5 s, or closed",
    elsewhere=Elsewhere(
        regime="readers pause 1 to 10 s between pages, {page}; 10 workers; connections kept for 5 s, or closed"
    ),
    simultaneous=True,
    alerts=True,
    short=short,
    windows={
        "smoke": Window(warmup=1.0, seconds=2.5, points=(5, 40), later=0.6),
        "lesson": Window(warmup=6.0, seconds=10.0, blocks=4, points=(5, 40)),
        "reference": Window(warmup=5.0, seconds=12.0, blocks=10),
    },
)
