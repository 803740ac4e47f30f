"""When a run stops, written down before it begins.

A profile says how many blocks there are at least and at most. The run looks at its result once, after the least number:

    settled        the interval at 99.9 % would already give the verdict: stop
    narrow enough  the 95 % interval reaches at most half of `matters` to either side: stop. Where it does not, the number
                   of blocks that would make it so is computed from the spread seen, and the run goes on to that number
    budget         as many as the profile allows; also where more than that would be needed

There is no second look. Whoever looks after every block, and stops at a welcome result, finds effects that are not
there: with looks at 10 to 30 blocks the nominal 5 % become more than 10. The one look for "settled" adds little, since
99.9 % is rarely passed by chance; the number of blocks depends on the spread alone, which knows nothing of the direction.
`benchmarks.judge.simulation` repeats all this; half of `matters` is what tells "no difference" from "an effect that matters".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.judge import verdict
from benchmarks.judge.statistics import blocks_needed, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.judge.verdict import Says

Reason = Literal["settled", "narrow enough", "budget"]

SETTLED = 0.999  # level of the interval that may end a run at the look
NARROW = 0.5  # of log(1 + matters): how far the 95 % interval may reach to either side


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many counted blocks the run is to have in all, and what will have stopped it there."""

    blocks: int
    reason: Reason


def plan(
    points: Sequence[Sequence[float]], *, matters: float, least: int, most: int, says: Says = "difference"
) -> Plan:
    """The plan after the least number of blocks.

    points  for each value of a sweep (one where nothing is swept), a ratio of each counted block; the first `least` are used

    Raises `UndefinedError` where a ratio does not exist. The same ratios always give the same plan.
    """
    seen = [ratios[:least] for ratios in points]
    if any(len(ratios) < least for ratios in seen):
        raise ValueError(f"the look comes after {least} blocks")
    strict = [verdict.judge(ratio_interval(ratios, level=SETTLED), matters=matters, says=says).name for ratios in seen]
    if verdict.over_sweep(strict) != "undecided":
        return Plan(blocks=least, reason="settled")
    open_points = [ratios for ratios, name in zip(seen, strict, strict=True) if name == "undecided"]
    needed = [_needed(ratios, NARROW * math.log1p(matters)) for ratios in open_points]
    if any(number is None or number > most for number in needed):
        return Plan(blocks=most, reason="budget")
    return Plan(blocks=max(least, *(number or least for number in needed)), reason="narrow enough")


def _needed(ratios: Sequence[float], half_width: float) -> int | None:
    spread = ratio_interval(ratios).spread
    return None if spread is None else blocks_needed(spread, half_width, len(ratios))
