"""Intervals over blocks.

A block holds every arm once, on fresh servers, in random order; so the block is what varies, and the ratio of its
arms is one observation. Ratios multiply, so everything here happens on their logarithms: the estimate is a geometric
mean, and the interval is Student's t. A percentile bootstrap over so few blocks promises too much (simulated on normal
data, nominal 95 %: 86 % at six blocks, against 96 % for t); `tests/benchmarks/test_statistics.py` repeats that for t.
"""

from __future__ import annotations

import itertools
import math
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVEL = 0.95
MOST_BLOCKS = 500
LARGEST = math.log(sys.float_info.max)


class UndefinedError(LabError):
    """A number that does not exist, such as a ratio to nothing; the message names the block."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its interval, at 95 % unless it was asked for at another level; `low` and `high` are None with fewer than two observations.

    spread is the standard deviation between blocks, on the logarithm for ratios.
    """

    estimate: float
    low: float | None
    high: float | None
    n: int
    spread: float | None = None

    @property
    def known(self) -> bool:
        """Whether there were enough observations for an interval."""
        return self.low is not None and self.high is not None


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Where a sweep crosses the line at 1, over blocks.

    It has an interval only when every block crosses exactly once; `crossed` of `blocks` did.
    """

    interval: Interval | None
    crossed: int
    blocks: int
    scale: Literal["linear", "log"]

    def __str__(self) -> str:
        return self.text()

    def text(self, unit: str = "") -> str:
        """The point in words, with the unit of what was swept."""
        after = f" {unit}" if unit else ""
        if self.interval is None:
            return f"no single point at which both are even: {self.crossed} of {self.blocks} blocks cross the line once"
        if self.interval.low is None or self.interval.high is None:
            return f"both are even at {self.interval.estimate:.3g}{after} (one block, no interval)"
        low, high = self.interval.low, self.interval.high
        return f"both are even at {self.interval.estimate:.3g}{after} (95 % interval {low:.3g} to {high:.3g})"


def ratio_interval(ratios: Sequence[float], names: Sequence[object] | None = None, *, level: float = LEVEL) -> Interval:
    """Geometric mean of one ratio a block, and its interval (Student's t on the logarithms), at 95 % unless told.

    A ratio of zero, below zero, or without end has no logarithm. It is not dropped, since that would choose the
    blocks that suit: it raises `UndefinedError`, naming the block (from `names`, else counted from 1).
    """
    if not ratios:
        raise UndefinedError("no block was finished, so there is no ratio")
    for name, ratio in zip(names or range(1, len(ratios) + 1), ratios, strict=True):
        if not (math.isfinite(ratio) and ratio > 0):
            raise UndefinedError(f"block {name}: the ratio is {ratio:g}; a ratio must be above zero")
    logs = _t_interval([math.log(ratio) for ratio in ratios], level)
    return Interval(
        estimate=math.exp(logs.estimate),
        low=None if logs.low is None else _ratio(logs.low),
        high=None if logs.high is None else _ratio(logs.high),
        n=logs.n,
        spread=logs.spread,
    )


def _ratio(log: float) -> float:
    """Two blocks that differ by much leave, at a high level, more room than a number can hold: then the largest there is."""
    return math.exp(min(log, LARGEST))


def value_interval(values: Sequence[float]) -> Interval:
    """Mean of one absolute value a block, and its 95 % interval.

    Where all are above zero, both are taken on logarithms, so that the quotient of two arms is the ratio printed
    beside them. Shares and counts can be zero; then it is the ordinary mean, and the interval ends at zero.
    """
    if not values:
        raise UndefinedError("no block was finished, so there is no value")
    if all(value > 0 for value in values):
        return ratio_interval(values)
    plain = _t_interval(values)
    low = None if plain.low is None else max(0.0, plain.low) if min(values) >= 0 else plain.low
    return Interval(estimate=plain.estimate, low=low, high=plain.high, n=plain.n, spread=plain.spread)


def crossing(factor: Sequence[float], blocks: Sequence[Sequence[float]]) -> Crossing:
    """The value of `factor` at which the ratio passes 1, with a 95 % interval over blocks.

    factor  the swept values, rising
    blocks  for each block, the ratio at each value

    Within a block the logarithm of the ratio is read as straight between neighbouring values; along the factor a log
    axis is used when all values are above zero and span ten times or more, else a linear one. A block cannot cross
    outside what was swept, so the interval is cut there.
    """
    if list(factor) != sorted(set(factor)):
        raise ValueError(f"the values of a sweep must rise: {list(factor)}")
    scale: Literal["linear", "log"] = "log" if factor[0] > 0 and factor[-1] >= 10 * factor[0] else "linear"
    axis = [math.log(value) for value in factor] if scale == "log" else [float(value) for value in factor]
    found = [_crossings(axis, [math.log(ratio) for ratio in ratios]) for ratios in blocks]
    crossed = sum(len(places) == 1 for places in found)
    if not blocks or crossed < len(blocks):
        return Crossing(interval=None, crossed=crossed, blocks=len(blocks), scale=scale)
    mean = _t_interval([places[0] for places in found])

    def back(place: float) -> float:
        inside = min(max(place, axis[0]), axis[-1])
        return math.exp(inside) if scale == "log" else inside

    interval = Interval(
        estimate=back(mean.estimate),
        low=None if mean.low is None else back(mean.low),
        high=None if mean.high is None else back(mean.high),
        n=mean.n,
        spread=mean.spread,
    )
    return Crossing(interval=interval, crossed=crossed, blocks=len(blocks), scale=scale)


def blocks_needed(spread: float, half_width: float, now: int) -> int | None:
    """How many blocks in all would narrow the interval of the logarithm to less than `half_width` on either side.

    An estimate: it takes the spread seen so far as the true one. None when `MOST_BLOCKS` would not do.
    """
    for n in range(max(now, 2), MOST_BLOCKS + 1):
        if quantile(n - 1) * spread / math.sqrt(n) < half_width:
            return n
    return None


@cache
def quantile(freedom: int, level: float = LEVEL) -> float:
    """Two-sided quantile of Student's t: 2.571 for five degrees of freedom at 95 %."""
    from scipy.special import stdtrit  # imported here: it takes half a second

    return float(stdtrit(freedom, (1 + level) / 2))


def _t_interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    n = len(values)
    mean = math.fsum(values) / n
    if n < 2:
        return Interval(estimate=mean, low=None, high=None, n=n)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = quantile(n - 1, level) * spread / math.sqrt(n)
    return Interval(estimate=mean, low=mean - half, high=mean + half, n=n, spread=spread)


def _crossings(axis: Sequence[float], logs: Sequence[float]) -> list[float]:
    """Places where the line through the points changes its sign; a point on the line itself takes no side."""
    sided = [(place, log) for place, log in zip(axis, logs, strict=True) if log != 0]
    places = []
    for (left, before), (right, after) in itertools.pairwise(sided):
        if (before < 0) != (after < 0):
            on_line = [place for place, log in zip(axis, logs, strict=True) if log == 0 and left < place < right]
            places.append(
                math.fsum(on_line) / len(on_line) if on_line else left + (right - left) * before / (before - after)
            )
    return places
