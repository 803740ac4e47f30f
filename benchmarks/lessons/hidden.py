"""The generator that is its own limit: two servers show one rate, and it is neither's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.judge import metrics
from benchmarks.lessons.length import LENGTHS, length
from benchmarks.lessons.turn import PATIENCE, teller, turn
from benchmarks.notebook.claims import PROFILE
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed
from benchmarks.run.blocks import run_experiment
from benchmarks.store.records import Record
from benchmarks.tables import Table
from benchmarks.trust import plain
from labs import deploy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.trials.trial import Trial

FILE = "/media/favicon.ico"
SERVERS = {"nginx": "fastcgi-nginx", "lighttpd": "fastcgi-lighttpd"}
LOAD = Closed(users=8, page=FILE)

experiment = Experiment(
    claim="lesson-hidden",
    arms={name: Arm(deployment, server=name) for name, deployment in SERVERS.items()},
    favoured="nginx",
    against="lighttpd",
    workload=LOAD,
    metric="pages_per_second",
    matters=0.1,
    expected="no difference",
    regime="8 users without pause, one small file from the front-end's own disk",
    windows={name: Window(warmup=0.3, seconds=2 * each.window, blocks=1) for name, each in LENGTHS.items()},
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Hidden:
    """What Locust said of each server's rate, and the trials of this book with the reason why they may not be compared.

    limited  what limited the run; None where this machine's generator is faster than its servers
    """

    locust: Mapping[str, plain.PlainResult]
    trials: Mapping[str, Sequence[Trial]]
    limited: str | None

    def share(self, name: str, used: Callable[[Trial], float]) -> float:
        """Of one processor: what the generator or the servers used of it, the middle of the blocks."""
        return median(used(trial) / trial.seconds for trial in self.trials[name])

    @property
    def table(self) -> Table:
        """For people."""
        rows = [
            [
                name,
                f"{self.locust[name].rps:.0f} /s",
                f"{self.share(name, lambda trial: trial.generator_cpu_seconds):.0%}",
                f"{self.share(name, lambda trial: trial.cpu_seconds):.0%}",
                f"{median(metrics.value(trial, 'cpu_per_request') for trial in trials):.2f} ms",
            ]
            for name, trials in self.trials.items()
        ]
        head = ["", "rate, by Locust", "generator's processor", "server's processor", "server's CPU time a request"]
        refused = "On this machine the servers were the limit."
        if self.limited:
            refused = f"This book gives no rate: {self.limited}."
        return Table(header=head, rows=rows, note=refused)

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def hidden() -> Hidden:
    """A small file from nginx and from lighttpd, as fast as one generator can ask.

    Raises BusyError when another measurement does not end in time, Missing without one of the servers.
    """
    locust = {}
    with turn("the generator's own limit"):
        for name, deployment in SERVERS.items():
            with deploy(deployment) as site:
                locust[name] = plain.run(site.url, users=LOAD.users, seconds=length().run, page=FILE)
    data = run_experiment(experiment, os.environ.get(PROFILE, "lesson"), lock_patience=PATIENCE, on_progress=teller())
    blocks = Record(data=data).blocks
    trials = {name: [trial for block in blocks for trial in block.of(name)] for name in SERVERS}
    void = [block.void for block in blocks if block.void is not None]
    found = data["limits"] or (void if len(void) == len(blocks) else [])
    return Hidden(locust=locust, trials=trials, limited=found[0] if found else None)
