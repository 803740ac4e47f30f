"""Effects of a known size, and none at all: what the campaign measures, with this book's harness and with plain Locust.

A session has four arms of the same deployment, A1, A2, B1 and B2. The pages of both B burn a given processor time more
(`NEWSROOM_BURN`), counted on the thread's own clock: a share of what a request of an A costs, which is measured once,
beforehand. On servers that have one processor the rate falls and the answers take longer by about the same share. So a
session of twice the length of a comparison holds four: two of equals, A1 with A2 and B1 with B2, and two of an effect of
known size, A1 with B1 and A2 with B2.
"""

from __future__ import annotations

import dataclasses
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from benchmarks.codec import NULL
from benchmarks.judge import metrics
from benchmarks.judge.statistics import UndefinedError
from benchmarks.plan.experiment import Arm, Window
from benchmarks.plan.profiles import Profile
from benchmarks.result import cost
from benchmarks.result.analysis import analyse
from benchmarks.store.records import Record
from benchmarks.trust import control

if TYPE_CHECKING:
    from benchmarks.plan.experiment import Experiment
    from benchmarks.run.progress import Progress
    from labs.runtime.deployment import Deployment

METRICS = ("cpu_per_request", "pages_per_second", "latency_p50", "latency_p95", "pss")
# What each is held to, as a claim of the book about it would be: the smallest effect that matters
MATTERS = dict(zip(METRICS, (0.05, 0.05, 0.10, 0.10, 0.05), strict=True))
PLAIN = METRICS[:-1]  # Locust does not see memory
SMOKE = Window(warmup=0.4, seconds=0.8, blocks=2)  # an answer needs an interval
LESSON = Window(warmup=0.5, seconds=1.8)  # a comparison of two arms in ten blocks takes about a minute
CALIBRATION = Profile(name="calibration", blocks=3, warmup=1.0, seconds=3.0, purpose="what a request costs")
ARMS = ("A1", "A2", "B1", "B2")
EQUALS = (("A1", "A2"), ("B1", "B2"))
EFFECT = (("A1", "B1"), ("A2", "B2"))
PAIRS = (*EQUALS, *EFFECT)
PATIENCE = 600.0  # seconds that a run waits for another measurement: a campaign of hours is not lost to one of minutes
STARTING = 3  # seconds of each run in which plain Locust and a deployment start and stop, an estimate that is kept low

Say = Callable[["Progress"], None]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One comparison of two arms, kept compactly.

    ratios  metric -> the ratio of each counted block (of plain Locust a single one); above 1, the second arm is worse
    values  metric -> the value of either arm, in the metric's unit
    """

    ratios: Mapping[str, Sequence[float]]
    values: Mapping[str, Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class Session:
    """Four arms measured together.

    comparisons  one a pair, in the order of `PAIRS`
    void         why blocks did not count, the first line of each reason
    seconds      wall time of the whole session; a comparison of two arms alone takes half of it
    load         share of it under load; None where that was not kept
    """

    comparisons: tuple[Comparison, ...]
    void: Sequence[str]
    seconds: float
    load: float | None = dataclasses.field(default=None, metadata=NULL)


def deploy(name: str, *, burn: int = 0, **options: Any) -> Deployment:
    """As `labs.deploy`, with a newsroom that costs `burn` microseconds of processor time a request more."""
    from labs import deploy as plainly
    from labs.newsroom import site

    return plainly(name, site=site().with_environment(burn=str(burn)), **options)


def experiment(burn: int) -> Experiment:
    """Two equal pairs of arms that differ from each other in `burn` microseconds a request alone.

    It is run for the rate, since a rate's blocks are held to every rule of `voiding`: the same blocks then serve all metrics.
    """
    arm = control.experiment.arms["A"]
    more = Arm(arm.deployment, {**arm.options, "burn": burn}, server=arm.server)
    return dataclasses.replace(
        control.experiment,
        arms={name: more if name.startswith("B") else arm for name in ARMS},
        favoured="A1",
        against="B1",
        metric="pages_per_second",
        better=None,
        windows={"lesson": LESSON, "smoke": SMOKE},
        every_arm=True,
    )


def calibrate(say: Say) -> float:
    """Seconds of processor time that a request costs without any burning; takes about half a minute."""
    values = compare(0, CALIBRATION, seed=0, say=say).comparisons[0].values
    if "cpu_per_request" not in values:
        raise UndefinedError("No block of the calibration counts: this machine is too busy to begin.")
    return fmean(values["cpu_per_request"]) / 1000


def compare(burn: int, profile: Profile | str, *, seed: int, say: Say) -> Session:
    """One session by this book's harness. Raises as run_experiment does."""
    from benchmarks.run.blocks import run_experiment

    data = run_experiment(experiment(burn), profile, seed=seed, deploy=deploy, on_progress=say, lock_patience=PATIENCE)
    record = Record(data=data)
    void = [block.void.partition("\n")[0] for block in record.blocks if block.void is not None]
    return Session(
        comparisons=tuple(_compared(record, one, other) for one, other in PAIRS),
        void=void,
        seconds=data["seconds"],
        load=cost.under_load(record) or 0.0,
    )


def _compared(record: Record, one: str, other: str) -> Comparison:
    ratios, values = {}, {}
    for name in METRICS:
        try:
            point = analyse(judged_by(record, name, one, other)).main
        except UndefinedError:
            continue  # no block counts, or one has no such ratio: this metric has nothing to compare
        ratios[name] = [round(ratio, 5) for ratio in point.ratios]
        values[name] = [point.arms[arm].interval.estimate for arm in (one, other)]
    return Comparison(ratios=ratios, values=values)


def judged_by(record: Record, metric: str, favoured: str, against: str) -> Record:
    """The same record as if another metric and other arms had been named; for reading its ratios, never for a verdict of the book."""
    changed = {"metric": metric, "better": metrics.find(metric).better, "favoured": favoured, "against": against}
    return Record(data={**record.data, "experiment": {**record.experiment, **changed}})


def compare_plainly(burn: int, *, seconds: float, seed: int) -> Session:
    """The same session as people make it: Locust on one arm after the other, in the same wall time of `seconds`.

    The order of the four is drawn. The servers are held to the same CPU as in ours; processor time is read beside Locust,
    from its first user to its end.
    """
    from benchmarks.host.lock import HostLock
    from benchmarks.run.trial import place

    each = max(1, math.floor(seconds / len(ARMS)) - STARTING)
    seen = {}
    with HostLock("plain Locust, campaign", patience=PATIENCE):
        begun = time.monotonic()
        for arm in random.Random(f"plain/{burn}/{seed}").sample(ARMS, len(ARMS)):
            seen[arm] = _plain(burn if arm.startswith("B") else 0, each, place(True).servers)
        taken = time.monotonic() - begun
    compared = tuple(_plainly(seen[one], seen[other]) for one, other in PAIRS)
    return Session(comparisons=compared, void=[], seconds=taken, load=len(ARMS) * each / taken)


def _plainly(one: Mapping[str, float], other: Mapping[str, float]) -> Comparison:
    values = {name: [one[name], other[name]] for name in PLAIN}
    ratios = {}
    for name, (a, b) in values.items():
        if a > 0 and b > 0:
            ratios[name] = [round(b / a if metrics.find(name).better == "lower" else a / b, 5)]
    return Comparison(ratios=ratios, values=values)


def _plain(burn: int, seconds: int, cpus: set[int] | None) -> dict[str, float]:
    from benchmarks.trust import plain

    workload, arm = control.experiment.workload, control.experiment.arms["A"]
    with deploy(arm.deployment, burn=burn, cpus=cpus) as deployment:
        marks: list[float] = []
        seen = plain.run(
            deployment.url,
            users=workload.users,
            page=workload.page,
            seconds=seconds,
            on_begin=lambda: marks.append(deployment.cpu_seconds()),
        )
        used = deployment.cpu_seconds() - (marks[0] if marks else 0.0)
    return {
        "cpu_per_request": 1000 * used / seen.requests if seen.requests else 0.0,
        "pages_per_second": seen.rps,
        "latency_p50": seen.p50 or 0.0,
        "latency_p95": seen.p95 or 0.0,
    }
