"""Shares with their intervals: of independent runs, and of comparisons that share their run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many of so many independent runs, with the exact interval of a share (Clopper and Pearson), at 95 %."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1; NaN where there was nothing to count."""
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Its ends; 0 and 1 where there was nothing to count."""
        return _exact(self.count, self.of) if self.of else (0.0, 1.0)

    def __str__(self) -> str:
        return f"{self.count} of {self.of} ({between(self.interval)})" if self.of else "none"


@dataclass(frozen=True, kw_only=True)
class Clustered:
    """Shares of several runs together: within a run the comparisons are not independent, so the run is the cluster.

    shares  one a run: so many of its comparisons
    """

    shares: Sequence[Share]

    @property
    def count(self) -> int:
        """Over all runs."""
        return sum(each.count for each in self.shares)

    @property
    def of(self) -> int:
        """Comparisons, over all runs."""
        return sum(each.of for each in self.shares)

    @property
    def runs(self) -> int:
        """Those with a comparison at all."""
        return sum(each.of > 0 for each in self.shares)

    @property
    def interval(self) -> tuple[float, float]:
        """As Korn and Graubard (1998): Clopper and Pearson's, of the number of independent comparisons that vary as much between
        runs as these do. Where nothing varies, which tells nothing, that number is the number of runs."""
        found = [each for each in self.shares if each.of]
        n, comparisons = len(found), self.of
        if n < 2:
            return 0.0, 1.0
        share = self.count / comparisons
        # the variance of a ratio estimate over clusters (linearised)
        between_runs = n / (n - 1) * sum((each.count - share * each.of) ** 2 for each in found) / comparisons**2
        if between_runs == 0 or not 0 < share < 1:
            return _exact(share * n, n)
        from scipy.stats import t

        independent = share * (1 - share) / between_runs
        quantile = 0.5 + LEVEL / 2
        adjusted = independent * (float(t.ppf(quantile, comparisons - 1)) / float(t.ppf(quantile, n - 1))) ** 2
        effective = min(adjusted, float(comparisons))
        return _exact(share * effective, effective)

    def __str__(self) -> str:
        return f"{self.count} of {self.of} ({between(self.interval)})" if self.of else "none"


def between(ends: tuple[float, float]) -> str:
    """An interval in per cent: "2 to 11 %"."""
    low, high = (f"{100 * end:.1f}".removesuffix(".0") for end in ends)
    return f"{low} to {high} %"


def _exact(count: float, of: float) -> tuple[float, float]:
    """Clopper and Pearson's interval. Counts may be fractions, as those of clusters are."""
    from scipy.stats import beta  # imported here: it takes half a second

    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, count, of - count + 1)) if count > 0 else 0.0
    high = float(beta.ppf(1 - tail, count + 1, of - count)) if count < of else 1.0
    return low, high
