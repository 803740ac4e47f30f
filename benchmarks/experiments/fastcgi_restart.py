"""Restart by a script that kills and starts, against ways by which somebody listens all the time.

The script's statement is that nothing more is needed, so the claim holds where it loses as little as the best of the other
ways. It is taken at its best: the new server is started at once, without waiting for the old one to end. The other ways
are those of today: a listening socket that belongs to no server and is handed to each, which restart on it one after the
other or side by side; two back-ends that restart in turn; and gunicorn's own reload.

Each block restarts every arm once, a third into its window. The pages wait for 0.1 s, so that some requests are always
under way at the restart, and their pauses are short and even, so that the rate is nearly constant. Nothing is swept: what
is lost is the rate times the time for which nobody listens, and that is the start of Django and the project, whatever the
rate. All arms have more threads than there are readers, so that nothing but the restart makes anybody wait.
"""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.event import Event
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed, Expectation
from labs.faults import restarts

READERS = 30


def arm(way: str, **options: object) -> Arm:
    """A way of `labs.faults.restarts`, done to the deployment that it needs."""
    chosen = restarts.WAYS[way]
    return Arm(chosen.deployment, {**chosen.options, **options}, events=(Event(chosen.do),))


experiment = Experiment(
    claim="fastcgi-restart",
    arms={
        "kill and start": arm("kill and start", workers=READERS),
        "hold the socket": arm("hold the socket", workers=READERS),
        "start beside": arm("start beside", workers=READERS),
        "one after the other": arm("one after the other", workers=READERS),
        "reload": arm("reload", workers=2, threads=READERS),
    },
    favoured="kill and start",
    against="start beside",
    workload=Closed(users=READERS, page="/wait/?seconds=0.1", pause=(0.1, 0.3)),
    expectation=Expectation(marker="waited", failures=("status 502",)),
    metric="lost",
    matters=0.10,
    expected="against",
    regime="30 readers who pause 0.1 to 0.3 s, a page that waits 0.1 s, one restart of Django behind nginx",
    elsewhere=Elsewhere(regime="30 readers who pause 0.1 to 0.3 s, {page}, one restart of Django behind nginx"),
    pinned=False,
    unpinned="a server that starts takes the processor that the others leave; the generator needs a tenth of one",
    alerts=True,  # nginx says of each request that nobody took it
    windows={
        "smoke": Window(warmup=0.4, seconds=3.6),
        "lesson": Window(warmup=0.5, seconds=3.6, blocks=4),
        "reference": Window(warmup=0.7, seconds=3.6, blocks=10),
    },
)
