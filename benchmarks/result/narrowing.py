"""How the ratio of a run and its interval came about, block by block: what is drawn while it goes on, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from benchmarks import words
from benchmarks.judge import statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.judge.statistics import Interval
    from benchmarks.result.analysis import Analysis


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """The ratio after each block that counts, at the main point of a sweep.

    intervals  the newest last; the first has a ratio and no ends
    of         how many blocks there are to be, at least
    favoured, against  the arm of which a ratio above 1 speaks, and the other
    matters    the smallest difference that matters, as a share
    """

    intervals: Sequence[Interval]
    of: int
    favoured: str
    against: str
    matters: float

    @classmethod
    def from_analysis(cls, analysis: Analysis, of: int = 0) -> Self:
        """The history of what is analysed."""
        ratios = analysis.main.ratios
        intervals = [statistics.ratio_interval(ratios[:count]) for count in range(1, len(ratios) + 1)]
        return cls(
            intervals=intervals,
            of=max(of, len(intervals)),
            favoured=analysis.favoured,
            against=analysis.against,
            matters=analysis.main.judgement.matters,
        )

    @property
    def newest(self) -> str:
        """Such as "3.7 (3.4 to 4.1)"."""
        last = self.intervals[-1]
        return f"{words.number(last.estimate)} ({words.spread(last)})"
