"""The rules of `statistics`, `verdict` and `stopping` tried on made-up blocks whose truth is known.

Nothing here is a measurement: it answers how often a rule errs if blocks behave as supposed, normal noise on the logarithm of
their ratio, and one block in twenty disturbed by a neighbour. A disturbance that hits either arm by chance widens the
spread; one that always hits the same arm also moves the mean, and no formula sees that: such blocks have to be voided.
`python -m benchmarks campaign --simulate` tells all of it; the tests hold it to what the book says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from benchmarks.judge.statistics import quantile
from benchmarks.judge.stopping import NARROW, SETTLED

if TYPE_CHECKING:
    from collections.abc import Callable

    Logs = np.ndarray[Any, np.dtype[np.float64]]  # a run a row, a block a column: logarithms of ratios
    Bounds = tuple[Logs, Logs]  # ends of the interval, a run an entry

Hits = Literal["nothing", "either arm", "one arm"]
DISTURBED = 0.05  # share of blocks


@dataclass(frozen=True, kw_only=True)
class World:
    """How blocks behave.

    spread  standard deviation of the logarithm of a block's ratio: 0.05 is about five per cent
    effect  the true logarithm of the ratio
    hits    what a disturbance hits, one block in twenty
    size    how much longer a disturbed arm takes, as a share
    voided  share of disturbed blocks that the rules of `voiding` notice; such a block is repeated
    """

    spread: float
    effect: float = 0.0
    hits: Hits = "nothing"
    size: float = 0.25
    voided: float = 0.0

    def runs(self, runs: int, blocks: int, seed: int = 2006) -> Logs:
        """So many runs of so many counted blocks. The same seed gives the same runs."""
        draw = np.random.default_rng(seed)
        logs: Logs = draw.normal(self.effect, self.spread, (runs, blocks))
        if self.hits != "nothing":
            # the share that is left among counted blocks, once noticed ones were repeated
            left = DISTURBED * (1 - self.voided) / (1 - DISTURBED * self.voided)
            side = draw.choice((-1.0, 1.0), logs.shape) if self.hits == "either arm" else 1.0
            logs += (draw.random(logs.shape) < left) * side * math.log1p(self.size)
        return logs


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What became of the runs of a world: shares, save `blocks`, their mean number."""

    favours: float
    opposes: float
    no_difference: float
    open: float
    covered: float
    blocks: float

    @property
    def claimed(self) -> float:
        """Share of runs that claim an effect which matters; where there is none, all of them are wrong."""
        return self.favours + self.opposes


def student(logs: Logs) -> Bounds:
    """The interval of this book: mean and Student's t."""
    half = _half(logs, quantile(logs.shape[1] - 1))
    return logs.mean(1) - half, logs.mean(1) + half


def trimmed(logs: Logs) -> Bounds:
    """Mean without the highest and the lowest fifth, with Yuen's interval (winsorised spread, fewer degrees of freedom)."""
    n = logs.shape[1]
    cut = n // 5
    ordered = np.sort(logs, axis=1)
    middle = ordered[:, cut : n - cut]
    spread = np.clip(ordered, middle[:, :1], middle[:, -1:]).std(1, ddof=1)
    half = quantile(n - 2 * cut - 1) * spread / ((1 - 2 * cut / n) * math.sqrt(n))
    return middle.mean(1) - half, middle.mean(1) + half


def ranks(logs: Logs) -> Bounds:
    """Hodges and Lehmann's: the ends are means of two blocks, chosen by Wilcoxon's signed-rank distribution."""
    n = logs.shape[1]
    first, second = np.triu_indices(n)
    means = np.sort((logs[:, first] + logs[:, second]) / 2, axis=1)
    outside = _signed_rank(n)
    return means[:, outside], means[:, -1 - outside]


ESTIMATORS: dict[str, Callable[[Logs], Bounds]] = {
    "Student's t": student,
    "trimmed mean": trimmed,
    "signed ranks": ranks,
}


def coverage(estimator: Callable[[Logs], Bounds], world: World, *, blocks: int, runs: int) -> float:
    """Share of intervals that hold the true ratio; 95 % is what they promise."""
    low, high = estimator(world.runs(runs, blocks))
    return float(((low <= world.effect) & (world.effect <= high)).mean())


def follow(logs: Logs, *, matters: float, least: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How many blocks `stopping.plan` gives each run; the columns of `logs` are the budget. The same rule, for all at once."""
    most = logs.shape[1]
    first = logs[:, :least]
    edge = math.log1p(matters)
    numbers = np.arange(least, most + 1)
    factors = np.array([quantile(n - 1) / math.sqrt(n) for n in numbers])
    enough = factors * first.std(1, ddof=1)[:, None] < NARROW * edge
    wanted = np.where(enough.any(1), numbers[enough.argmax(1)], most)
    settled = _outcomes(first.mean(1), _half(first, quantile(least - 1, SETTLED)), edge) != "open"
    return np.where(settled, least, wanted)


def peeking(logs: Logs, *, matters: float, least: int) -> np.ndarray[Any, np.dtype[np.int64]]:  # noqa: ARG001 - called as `follow` is
    """What not to do: look after every block, and stop as soon as the 95 % interval leaves 1 out."""
    most = logs.shape[1]
    stop = np.full(len(logs), most)
    for n in range(most, least - 1, -1):
        part = logs[:, :n]
        stop[np.abs(part.mean(1)) > _half(part, quantile(n - 1))] = n
    return stop


def rates(
    world: World,
    *,
    matters: float,
    least: int = 10,
    most: int = 30,
    runs: int,
    stop: Callable[..., np.ndarray[Any, np.dtype[np.int64]]] = follow,
) -> Rates:
    """Run the whole procedure that often: blocks, stop rule, 95 % interval, verdict."""
    logs = world.runs(runs, most)
    blocks = stop(logs, matters=matters, least=least)
    kept = np.arange(most) < blocks[:, None]
    mean = (logs * kept).sum(1) / blocks
    spread = np.sqrt((((logs - mean[:, None]) * kept) ** 2).sum(1) / (blocks - 1))
    half = np.array([quantile(int(n) - 1) for n in blocks]) * spread / np.sqrt(blocks)
    seen = _outcomes(mean, half, math.log1p(matters))
    return Rates(
        favours=float((seen == "favours").mean()),
        opposes=float((seen == "opposes").mean()),
        no_difference=float((seen == "no difference").mean()),
        open=float((seen == "open").mean()),
        covered=float((np.abs(mean - world.effect) <= half).mean()),
        blocks=float(blocks.mean()),
    )


def _half(logs: Logs, factor: float) -> Logs:
    half: Logs = factor * logs.std(1, ddof=1) / math.sqrt(logs.shape[1])
    return half


def _outcomes(mean: Logs, half: Logs, edge: float) -> np.ndarray[Any, np.dtype[np.str_]]:
    """`verdict.outcome`, for all at once."""
    conditions = [(mean - half > 0) & (mean >= edge), (mean + half < 0) & (mean <= -edge), np.abs(mean) + half <= edge]
    return np.select(conditions, ["favours", "opposes", "no difference"], "open")


@cache
def _signed_rank(n: int, level: float = 0.95) -> int:
    """How many pair means lie outside each end of the interval: the largest number that keeps the level."""
    counts = np.zeros(n * (n + 1) // 2 + 1)
    counts[0] = 1.0
    for rank in range(1, n + 1):
        counts[rank:] = counts[rank:] + counts[:-rank]
    tail = np.cumsum(counts) / 2.0**n
    outside = int(np.searchsorted(tail, (1 - level) / 2, side="right")) - 1
    if outside < 0:
        raise ValueError(f"{n} blocks have no such interval at {level:.0%}")
    return outside
