"""Effects of a known size, and none at all: what the campaign measures, with this book's harness and with plain Locust.

Both arms are the same deployment. The second one's pages burn a given processor time more (`NEWSROOM_BURN`), counted on the
thread's own clock: a share of what a request of the first arm costs, which is measured once, beforehand. On servers that
have one processor the rate falls and the answers take longer by about the same share.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from benchmarks.judge import metrics
from benchmarks.judge.statistics import UndefinedError
from benchmarks.plan.experiment import Arm
from benchmarks.plan.profiles import Profile
from benchmarks.result import cost
from benchmarks.result.analysis import analyse
from benchmarks.store.records import Record
from benchmarks.trust import control

if TYPE_CHECKING:
    from benchmarks.plan.experiment import Experiment
    from benchmarks.run.progress import Progress
    from labs.deployment import Deployment

METRICS = ("cpu_per_request", "pages_per_second", "latency_p50", "latency_p95", "pss")
# What each is held to, as a claim of the book about it would be: the smallest effect that matters
MATTERS = dict(zip(METRICS, (0.05, 0.05, 0.10, 0.10, 0.05), strict=True))
PLAIN = METRICS[:-1]  # Locust does not see memory
CALIBRATION = Profile(name="calibration", blocks=3, warmup=1.0, seconds=3.0, purpose="what a request costs")
PATIENCE = 600.0  # seconds that a run waits for another measurement: a campaign of hours is not lost to one of minutes
STARTING = 3  # seconds of each half in which plain Locust and a deployment start and stop, an estimate that is kept low

Say = Callable[["Progress"], None]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One comparison of two arms, kept compactly.

    ratios   metric -> the ratio of each counted block (of plain Locust a single one); above 1, the second arm is worse
    values   metric -> the value of either arm, in the metric's unit
    void     why blocks did not count, the first line of each reason
    seconds  wall time of the whole comparison
    load     share of it under load; None for plain Locust
    """

    ratios: Mapping[str, Sequence[float]]
    values: Mapping[str, Sequence[float]]
    void: Sequence[str]
    seconds: float
    load: float | None = None


def deploy(name: str, *, burn: int = 0, **options: Any) -> Deployment:
    """As `labs.deploy`, with a newsroom that costs `burn` microseconds of processor time a request more."""
    from labs import deploy as plainly
    from labs.newsroom import site

    return plainly(name, site=site().with_environment(burn=str(burn)), **options)


def experiment(burn: int) -> Experiment:
    """Two arms that differ in `burn` microseconds a request alone; with none of them it is the A/A control.

    It is run for the rate, since a rate's blocks are held to every rule of `voiding`: the same blocks then serve all metrics.
    """
    arm = control.experiment.arms["A"]
    return dataclasses.replace(
        control.experiment,
        arms={"A": arm, "B": Arm(arm.deployment, {**arm.options, "burn": burn}, server=arm.server)},
        metric="pages_per_second",
        better=None,
    )


def calibrate(say: Say) -> float:
    """Seconds of processor time that a request costs without any burning; takes about half a minute."""
    values = compare(0, CALIBRATION, seed=0, say=say).values
    if "cpu_per_request" not in values:
        raise UndefinedError("No block of the calibration counts: this machine is too busy to begin.")
    return fmean(values["cpu_per_request"]) / 1000


def compare(burn: int, profile: Profile | str, *, seed: int, say: Say) -> Comparison:
    """One comparison by this book's harness. Raises as run_experiment does."""
    from benchmarks.run.blocks import run_experiment

    data = run_experiment(experiment(burn), profile, seed=seed, deploy=deploy, on_progress=say, lock_patience=PATIENCE)
    record = Record(data=data)
    ratios, values = {}, {}
    for name in METRICS:
        try:
            point = analyse(judged_by(record, name)).main
        except UndefinedError:
            continue  # no block counts, or one has no such ratio: this metric has nothing to compare
        ratios[name] = [round(ratio, 5) for ratio in point.ratios]
        values[name] = [point.arms[arm].interval.estimate for arm in "AB"]
    void = [block.void.partition("\n")[0] for block in record.blocks if block.void is not None]
    return Comparison(
        ratios=ratios, values=values, void=void, seconds=data["seconds"], load=cost.under_load(record) or 0.0
    )


def judged_by(record: Record, metric: str) -> Record:
    """The same record as if another metric had been named; for reading its ratios, never for a verdict of the book."""
    changed = {**record.experiment, "metric": metric, "better": metrics.find(metric).better}
    return Record(data={**record.data, "experiment": changed})


def compare_plainly(burn: int, *, seconds: float) -> Comparison:
    """The same comparison as people make it: Locust on one arm, then on the other, in the same wall time of `seconds`.

    The servers are held to the same CPU as in ours; processor time is read beside Locust, from its first user to its end.
    """
    from benchmarks.host.lock import HostLock
    from benchmarks.run.trial import place

    each = max(1, math.floor(seconds / 2) - STARTING)
    with HostLock("plain Locust, campaign", patience=PATIENCE):
        begun = time.monotonic()
        one, other = (_plain(amount, each, place(True).servers) for amount in (0, burn))
        taken = time.monotonic() - begun
    values = {name: [one[name], other[name]] for name in PLAIN}
    ratios = {}
    for name, (a, b) in values.items():
        better = metrics.find(name).better
        if a > 0 and b > 0:
            ratios[name] = [round(b / a if better == "lower" else a / b, 5)]
    return Comparison(ratios=ratios, values=values, void=[], seconds=taken)


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
