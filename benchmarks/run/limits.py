"""What limits a whole run. Judged once, over all blocks that count, when the record is written.

How fast an arm is decides whether the generator is near its own limit, and how well Little's law can be seen. A rule that
voided single blocks for it would keep those that suit: here the run as a whole is undecided, with the reason, or none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import fsum
from typing import TYPE_CHECKING

from benchmarks.run.limiter import GENERATOR_LIMIT, NULL_SHARE
from benchmarks.run.voiding import OF_THE_GENERATOR
from benchmarks.trials.block import Block, chosen
from benchmarks.trials.trial import Trial

if TYPE_CHECKING:
    from benchmarks.plan.experiment import Experiment
    from benchmarks.plan.workload import Workload

Trials = Sequence[Trial]

LITTLE = 0.10  # tolerance of Little's law, and half a request
CROWDED = 0.5  # of the machine: what arms may use that run at the same time
LIMITS = (
    f"the generator uses less than {GENERATOR_LIMIT:.0%} of its processor, for rates and latencies",
    f"it goes at a third ({NULL_SHARE:.0%}) of its own best rate or less, for rates and latencies",
    f"Little's law, within {LITTLE:.0%} and half a request",
    f"arms at the same time use at most {CROWDED:.0%} of the machine",
)


def limits(blocks: Sequence[Block], experiment: Experiment, cpus: int) -> list[str]:
    """Every reason for which this run cannot decide, each a part of a sentence; empty where there is none.

    blocks  those that count
    cpus    that this process may use
    """
    return list(_limits(blocks, experiment, cpus))


def _limits(blocks: Sequence[Block], experiment: Experiment, cpus: int) -> Iterator[str]:
    trials = [trial for block in blocks for trial in block.trials]
    for point in experiment.points:
        here = [trial for trial in trials if trial.point == point]
        at = "" if point is None else f" at {point}"
        for arm in experiment.arms:
            seen = chosen(here, arm, point)
            if seen:
                found = _of_arm(seen, experiment.workload_at(point), experiment.metric in OF_THE_GENERATOR)
                yield from (f"{arm}{at}: {why}" for why in found)
        if experiment.simultaneous and here and (why := _crowded(here, len(experiment.arms), cpus)):
            yield f"{why}{at}"


def _of_arm(trials: Trials, workload: Workload, shaped: bool) -> Iterator[str]:
    seconds = _sum(trials, lambda trial: trial.seconds)
    share = _sum(trials, lambda trial: trial.generator_cpu_seconds) / seconds
    if shaped and share >= GENERATOR_LIMIT:
        yield f"limited by the generator: it used {share:.0%} of its processor ({GENERATOR_LIMIT:.0%} are allowed)"
    rates = [trial.null_rate for trial in trials if trial.null_rate]
    rate = _sum(trials, lambda trial: trial.ended) / seconds
    if shaped and rates and rate > NULL_SHARE * (null := fsum(rates) / len(rates)):
        yield (
            f"limited by the generator: {rate:.0f} requests a second, and it reaches {null:.0f} at a server that does "
            f"nothing ({NULL_SHARE:.0%} of that are allowed)"
        )
    if why := _little(trials, workload, seconds):
        yield why


def _little(trials: Trials, workload: Workload, seconds: float) -> str | None:
    """Little's law, for users without pauses: requests in flight = rate x mean latency.

    Users that were never served hold a request open all the time without ever counting in a latency, so they are taken
    out first; with a schedule their requests do count. In windows of less than ten latencies the ends weigh too much to judge.
    """
    ended = _sum(trials, lambda trial: trial.due or trial.ended)
    held = _sum(trials, lambda trial: trial.held_seconds)
    if workload.pause is not None or not ended or held / ended > seconds / len(trials) / 10:
        return None
    inside = _sum(
        trials,
        lambda trial: (trial.in_flight_mean - (trial.unanswered if trial.due is None else 0)) * trial.seconds,
    )
    expected, seen = held / seconds, inside / seconds
    if abs(expected - seen) <= LITTLE * max(expected, seen) + 0.5:
        return None
    return f"Little's law fails: {seen:.1f} requests in flight, but rate x latency is {expected:.1f}"


def _crowded(trials: Trials, arms: int, cpus: int) -> str | None:
    """Arms at the same time may be compared only while half of the machine is idle."""
    both = _sum(trials, lambda trial: trial.cpu_seconds) + _sum(trials, lambda trial: trial.generator_cpu_seconds)
    used = arms * both / _sum(trials, lambda trial: trial.seconds)
    if used <= CROWDED * cpus:
        return None
    return f"arms at the same time used {used:.2f} of {cpus} processors together; at most half is allowed"


def _sum(trials: Trials, read: Callable[[Trial], float]) -> float:
    return fsum(map(read, trials))
