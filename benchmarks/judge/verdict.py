"""The verdict, as a rule. It sees an interval and what was written before the measurement, nothing else.

A ratio above 1 always speaks for the chapter. `matters` is the smallest relative effect that would change somebody's
choice. On a ratio, "ten per cent better" and "ten per cent worse" are 1.1 and 1/1.1, so all bounds are symmetric on the
logarithm: the band that does not matter runs from 1/(1 + matters) to 1 + matters.

Outcome of one interval, first match counts:
    favours        the whole interval is above 1 and the estimate is at or above 1 + matters
    opposes        the whole interval is below 1 and the estimate is at or below 1/(1 + matters)
    no difference  the whole interval is within the band, its ends included
    open           anything else, among it every result without an interval

The first two win over the third; they meet only where an interval has no width and sits on the edge of the band. An
effect that is surely there but surely too small to matter is "no difference"; one that is surely there but perhaps
too small stays open.

Verdict of a claim that promises a difference: favours -> holds; opposes or no difference -> no longer holds. Of a claim
that says there is none: no difference -> holds; favours or opposes -> no longer holds. Open is undecided.

Over a sweep: holds, or no longer holds, where every point says so; "holds when" where at least one point holds and at
least one no longer holds, undecided points between them being the width of the boundary; else undecided. Who looks at k
points finds one astray k times as often, so one point on either side has to say so at the level 1 - 0.05/k (Bonferroni).
That every point says the same needs no such correction: it is harder by each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.judge.statistics import LEVEL, Interval, blocks_needed

if TYPE_CHECKING:
    from collections.abc import Sequence

Says = Literal["difference", "no difference"]  # what a statement of the chapter promises
Outcome = Literal["favours", "opposes", "no difference", "open"]
Name = Literal["holds", "holds when", "no longer holds", "undecided", "cannot run here"]

BLOCKS_FOR_A_VERDICT = 10


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the rule says of one interval.

    needed  blocks in all that would probably settle an open outcome; None when settled, or when no number would
    """

    name: Name
    outcome: Outcome
    interval: Interval
    matters: float
    needed: int | None = None

    @property
    def provisional(self) -> bool:
        """Fewer blocks than the ten that this book asks for before it prints a verdict."""
        return self.interval.n < BLOCKS_FOR_A_VERDICT

    @property
    def reason(self) -> str:
        """Why, in a few words that end without a full stop."""
        per_cent = f"{100 * self.matters:.0f} %"
        match self.outcome:
            case "favours":
                return "the whole interval speaks for the chapter, and the effect matters"
            case "opposes":
                return "the whole interval speaks against the chapter, and the effect matters"
            case "no difference":
                return f"no difference that matters: the whole interval is within {per_cent}"
            case "open":
                return self._open(per_cent)

    def _open(self, per_cent: str) -> str:
        if not self.interval.known:
            return "one block has no interval; a second gives one, ten give a verdict"
        if self.needed is None:
            return f"the effect sits where it just begins to matter ({per_cent}), more blocks would hardly settle it"
        more = max(self.needed - self.interval.n, 1)
        return (
            f"the interval is too wide; about {more} more {'block' if more == 1 else 'blocks'} would probably settle it"
        )


def outcome(interval: Interval, matters: float) -> Outcome:
    """The outcome of one interval; see the rule above."""
    if not 0 < matters < 10:
        raise ValueError(f"matters is a relative effect such as 0.1 for ten per cent, not {matters!r}")
    if interval.low is None or interval.high is None:
        return "open"
    edge = 1 + matters
    if interval.low > 1 and interval.estimate >= edge:
        return "favours"
    if interval.high < 1 and interval.estimate <= 1 / edge:
        return "opposes"
    if 1 / edge <= interval.low and interval.high <= edge:
        return "no difference"
    return "open"


def judge(interval: Interval, *, matters: float, says: Says = "difference") -> Judgement:
    """The verdict on one interval."""
    seen = outcome(interval, matters)
    needed = _needed(interval, matters) if seen == "open" else None
    return Judgement(name=name(seen, says), outcome=seen, interval=interval, matters=matters, needed=needed)


def name(seen: Outcome, says: Says) -> Name:
    """The verdict that an outcome means for what the chapter says."""
    if seen == "open":
        return "undecided"
    return "holds" if seen == ("favours" if says == "difference" else "no difference") else "no longer holds"


def over_sweep(points: Sequence[Name], strict: Sequence[Name] | None = None) -> Name:
    """The verdict on a claim from those at each value of the factor that decides it; of one alone, itself.

    strict  the same at the level for so many points (`level_of`); `points` where they are strict already
    """
    names = set(points)
    if names == {"holds"} or names == {"no longer holds"}:
        return points[0]
    return "holds when" if {"holds", "no longer holds"} <= set(strict or points) else "undecided"


def level_of(points: int) -> float:
    """The level at which one of so many points has to speak for itself."""
    return 1 - (1 - LEVEL) / points


def _needed(interval: Interval, matters: float) -> int | None:
    if interval.spread is None:
        return None
    size, edge = abs(math.log(interval.estimate)), math.log(1 + matters)
    target = size if size >= edge else edge - size
    return blocks_needed(interval.spread, target, interval.n)
