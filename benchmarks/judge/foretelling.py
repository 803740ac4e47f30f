"""The rule of `prediction` tried on made-up runs whose truth is known: how often it errs.

Nothing here is a measurement. A record and a short run are drawn again and again, of the same effect on two machines, and of
another effect; blocks are noisy as `simulation.World` has them, one in twenty disturbed by a neighbour. The tests hold the
rates to what the book says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.judge import prediction
from benchmarks.judge.prediction import Count
from benchmarks.judge.simulation import World
from benchmarks.judge.statistics import quantile

if TYPE_CHECKING:
    Numbers = np.ndarray[Any, np.dtype[np.float64]]

SEED = 2006


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What is held against what, a thousand times.

    world    how blocks behave, and the logarithm of the true ratio on the record's machine
    book     blocks of the record
    here     blocks of the short run
    apart    standard deviation between machines of the logarithm of the ratio; None: as much as the rule supposes
    changed  what has become of the true logarithm since: 0 where nothing has
    points   of a sweep, each of this world; machines differ at each anew, which is the worst case
    """

    world: World
    book: int = 10
    here: int = 1
    apart: float | None = None
    changed: float = 0.0
    points: int = 1


def differing(runs: Runs, *, times: int) -> float:
    """Share of short runs of which the rule says *differs*: where nothing has changed, all of them are wrong."""
    draw = np.random.default_rng(SEED)
    apart = prediction.machines(runs.world.effect) if runs.apart is None else runs.apart
    found = np.zeros(times, dtype=bool)
    for point in range(runs.points):
        book = runs.world.runs(times, runs.book, seed=SEED + 2 * point)
        here = runs.world.runs(times, runs.here, seed=SEED + 2 * point + 1).mean(1)
        here += runs.changed + draw.normal(0.0, apart, times)
        low, high = bounds(book, runs.here, points=runs.points)
        found |= (here < low) | (here > high)
    return float(found.mean())


def bounds(book: Numbers, here: int, *, points: int = 1) -> tuple[Numbers, Numbers]:
    """`prediction.ratios`, for all records at once: a record a row, a block a column; logarithms."""
    m, mean = book.shape[1], book.mean(1)
    machines = np.hypot(prediction.MACHINES, prediction.OF_EFFECT * mean)
    spread = np.sqrt(book.var(1, ddof=1) * (1 / m + 1 / here) + machines**2)
    half = quantile(m - 1, prediction.level(points)) * spread
    return mean - half, mean + half


@dataclass(frozen=True, kw_only=True)
class Failures:
    """Failures of one arm: `share` of `asked` requests a block fails; blocks differ by `spread`, machines by `apart`, both
    standard deviations on the logarithm of the odds. One block in twenty is disturbed: its odds are doubled.

    changed  what has become of the logarithm of the odds since
    """

    share: float
    asked: int
    spread: float = 0.2
    apart: float = prediction.MACHINES_COUNTS
    changed: float = 0.0
    disturbed: float = 0.05


def differing_counts(failures: Failures, *, times: int, book: int = 10, here: int = 1) -> float:
    """As `differing`, for counts, by the rule itself."""
    draw = np.random.default_rng(SEED)
    odds = math.log(failures.share / (1 - failures.share))
    found = 0
    for _ in range(times):
        elsewhere = odds + failures.changed + draw.normal(0.0, failures.apart)
        sides = [_blocks(draw, failures, at, blocks) for at, blocks in ((odds, book), (elsewhere, here))]
        found += not prediction.counts(*sides).holds
    return found / times


def _blocks(draw: np.random.Generator, failures: Failures, odds: float, blocks: int) -> list[Count]:
    at = draw.normal(odds, failures.spread, blocks) + (draw.random(blocks) < failures.disturbed) * math.log(2)
    drawn = draw.binomial(failures.asked, 1 / (1 + np.exp(-at)))
    return [Count(count=float(count), total=failures.asked) for count in drawn]
