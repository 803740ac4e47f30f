"""Whether a short run saw what the record foretells. It sees numbers of two runs of one shape, and answers a smaller
question than the verdict's: is what is seen here where one more run of the record would lie?

Ratios. The blocks of the record have, on the logarithm, a mean and a spread s between them. The mean of n more blocks lies,
95 times in 100, within

    mean ± t x sqrt(s² (1/m + 1/n) + w²)         t: Student's, of m - 1 degrees of freedom; m: blocks of the record

where w is how much the same comparison differs from machine to machine: `MACHINES` and, since a large ratio has more room
to differ than one near 1, `OF_EFFECT` of the logarithm of the ratio. Nobody has measured w on many machines yet, so it is wide
on purpose: a ratio of 1.2 is foretold as about 0.9 to 1.6, one of 10 as about 4 to 26. A record without blocks of the short
shape is read by its long ones, and `LONGER` is added.

Counts. So many of so many, or so many in so many windows: the exact interval of the record (Clopper and Pearson's; Garwood's
where there is no total), widened on the odds by `MACHINES_COUNTS`, against the exact interval here. They differ where the two
do not meet. Failures come in clusters, so both are computed from as many observations as the blocks of the record are worth
(the design effect of Rao and Scott).

At several points of a sweep each answers at the level 1 - 0.05/k, and one that differs is enough. `benchmarks.judge.foretelling`
tries all of it on made-up blocks: at most one false "differs" in twenty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.judge.statistics import LEVEL, quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

Answer = Literal["as in the book", "differs", "cannot tell"]
AS_IN_THE_BOOK: Answer = "as in the book"
DIFFERS: Answer = "differs"
CANNOT_TELL: Answer = "cannot tell"

MACHINES = 0.10  # standard deviation between machines of the logarithm of a ratio near 1
OF_EFFECT = 0.15  # and of larger ratios, as a share of their logarithm
MACHINES_COUNTS = 0.25  # the same, of the logarithm of the odds of a failure
LONGER = 0.15  # the same, where the record's blocks are longer than those that are held against them
LEAST = 5  # blocks of a record that foretell anything: of fewer, Student's t would foretell everything


class TooFewError(ValueError):
    """The record has too few blocks to foretell a run; the message says how many."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """Where the record foretells a number, and what it is here.

    low, high  ends of the range, 95 % unless several points share the level
    here       the ratio, the share, or the count a window; `seen_low` and `seen_high` its own exact interval, for counts
    """

    low: float
    high: float
    here: float
    seen_low: float
    seen_high: float

    @property
    def holds(self) -> bool:
        """Whether what is seen here and what is foretold meet."""
        return self.seen_low <= self.high and self.low <= self.seen_high


@dataclass(frozen=True, kw_only=True)
class Count:
    """So many of so many. A total of 0 is a bare count, one a window."""

    count: float
    total: float


def ratios(book: Sequence[float], here: Sequence[float], *, longer: bool = False, points: int = 1) -> Range:
    """The ratios of a run's blocks against those of the record's, each above 1 for the chapter.

    longer  whether the record's blocks are longer than those here
    points  how many points of a sweep are looked at

    Raises TooFewError.
    """
    _enough(len(book))
    logs = [math.log(ratio) for ratio in book]
    m, n = len(logs), len(here)
    mean = math.fsum(logs) / m
    variance = math.fsum((log - mean) ** 2 for log in logs) / (m - 1)
    half = quantile(m - 1, level(points)) * math.sqrt(variance * (1 / m + 1 / n) + machines(mean, longer=longer) ** 2)
    seen = math.exp(math.fsum(math.log(ratio) for ratio in here) / n)
    return Range(low=math.exp(mean - half), high=math.exp(mean + half), here=seen, seen_low=seen, seen_high=seen)


def counts(book: Sequence[Count], here: Sequence[Count], *, longer: bool = False, points: int = 1) -> Range:
    """The counts of one arm in a run's blocks against those in the record's; as `ratios`."""
    _enough(len(book))
    worth = 1 / _design_effect(book)
    foretold, seen = (exact(*(worth * part for part in _sum(blocks)), level=level(points)) for blocks in (book, here))
    wide = _normal(level(points)) * math.hypot(MACHINES_COUNTS, LONGER if longer else 0.0)
    bare = not _sum(book)[1]
    count, total = _sum(here)
    return Range(
        low=_shifted(foretold[0] / (len(book) if bare else 1), -wide, bare),
        high=_shifted(foretold[1] / (len(book) if bare else 1), wide, bare),
        here=count / (len(here) if bare else total),
        seen_low=seen[0] / (len(here) if bare else 1),
        seen_high=seen[1] / (len(here) if bare else 1),
    )


def machines(log: float, *, longer: bool = False) -> float:
    """How much a ratio whose logarithm is `log` differs from machine to machine: a standard deviation of that logarithm."""
    return math.hypot(MACHINES, OF_EFFECT * log, LONGER if longer else 0.0)


def level(points: int) -> float:
    """The level at which each of so many points answers."""
    return 1 - (1 - LEVEL) / points


def exact(count: float, total: float, *, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of a share (Clopper and Pearson), or, with a total of 0, of the mean of a count (Garwood)."""
    from scipy.special import betaincinv, gammaincinv  # imported here: it takes half a second

    tail = (1 - level) / 2
    if not total:
        low = float(gammaincinv(count, tail)) if count else 0.0
        return low, float(gammaincinv(count + 1, 1 - tail))
    low = float(betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, total - count, 1 - tail)) if count < total else 1.0
    return low, high


def _enough(blocks: int) -> None:
    if blocks < LEAST:
        raise TooFewError(f"its record has {blocks} such blocks, and {LEAST} are needed to know their spread")


def _sum(blocks: Sequence[Count]) -> tuple[float, float]:
    return math.fsum(block.count for block in blocks), math.fsum(block.total for block in blocks)


def _design_effect(blocks: Sequence[Count]) -> float:
    """How many times the variance between blocks is that of independent failures, at least 1."""
    count, total = _sum(blocks)
    m = len(blocks)
    if not total:
        mean = count / m
        return max(1.0, math.fsum((block.count - mean) ** 2 for block in blocks) / (m - 1) / mean) if mean else 1.0
    share = count / total
    if not 0 < share < 1:
        return 1.0
    between = math.fsum((block.count - share * block.total) ** 2 for block in blocks) / (m - 1)
    return max(1.0, between / (share * (1 - share) * total / m))


def _shifted(share: float, log: float, bare: bool) -> float:
    """A share with its odds, or a mean count, multiplied by exp(log)."""
    if bare:
        return share * math.exp(log)
    return share if share in (0.0, 1.0) else 1 / (1 + (1 - share) / share * math.exp(-log))


def _normal(level: float) -> float:
    """Two-sided quantile of the normal distribution: 1.96 at 95 %."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)
