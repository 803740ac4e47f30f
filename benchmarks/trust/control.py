"""The A/A control: the same arm twice must show no effect. How often it shows one all the same is the false-alarm rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.judge.statistics import Interval, UndefinedError
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed
from benchmarks.result import cost
from benchmarks.result.analysis import analyse
from benchmarks.run.blocks import run_experiment
from benchmarks.run.progress import Progress
from benchmarks.store.records import Record

experiment = Experiment(
    claim="control",
    arms={"A": Arm("fastcgi-nginx", server="nginx"), "B": Arm("fastcgi-nginx", server="nginx")},
    favoured="A",
    against="B",
    workload=Closed(users=4, page="/articles/1/"),
    metric="cpu_per_request",
    matters=0.05,
    expected="no difference",
    regime="4 readers without pauses, an article, nginx and flup on both sides",
    windows={"smoke": Window(warmup=0.4, seconds=0.8, blocks=2)},  # a false alarm needs an interval
)


@dataclass(frozen=True, kw_only=True)
class Control:
    """One A/A run.

    claimed   the rule of the verdict saw an effect that matters: a false alarm
    excludes  the interval leaves 1 out, which one in twenty of such intervals does
    load      share of the run's wall time under load
    """

    seed: int
    outcome: str
    interval: Interval | None
    load: float

    @property
    def claimed(self) -> bool:
        return self.outcome in ("favours", "opposes")

    @property
    def excludes(self) -> bool:
        found = self.interval
        return bool(found and found.low is not None and found.high is not None and not found.low <= 1 <= found.high)


def controls(times: int, profile: str, *, seed: int = 1, say: Callable[[Progress], None]) -> Iterator[Control]:
    """Run the control so many times, each with a seed of its own. Raises as run_experiment does."""
    for number in range(seed, seed + times):
        data = run_experiment(experiment, profile, seed=number, on_progress=say)
        record = Record(data=data)
        load = cost.under_load(record) or 0.0
        try:
            judgement = analyse(record).main.judgement
        except UndefinedError:
            yield Control(seed=number, outcome="no block counts", interval=None, load=load)
            continue
        yield Control(seed=number, outcome=judgement.outcome, interval=judgement.interval, load=load)
