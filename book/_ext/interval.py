"""How an interval is drawn: on a logarithmic axis of ratios, right of 1 for the chapter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .data import Bar

SPANS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A logarithmic axis from 1/span to span on `width` units, with `pad` units free at both ends."""

    width: float
    span: float
    pad: float = 5

    def x(self, ratio: float) -> float:
        half = self.width / 2
        return round(half + (half - self.pad) * math.log(ratio) / math.log(self.span), 1)

    def clipped(self, ratio: float) -> float:
        return min(max(self.x(ratio), self.pad), self.width - self.pad)

    def ticks(self) -> list[tuple[float, str]]:
        """Powers of two, thinned so that their labels do not touch."""
        n = round(math.log2(self.span))
        step = 1 if n <= 3 else 2 if n <= 4 else n // 2
        exponents = range(-(n - n % step), n + 1, step)
        return [(2.0**e, f"{2**e}×" if e > 0 else f"1/{2**-e}" if e < 0 else "1") for e in exponents]


def span_for(bars: Sequence[Bar]) -> int:
    """The shortest axis that holds every bar whole."""
    far = max((max(bar.high, 1 / bar.low) for bar in bars), default=2.0)
    return next((span for span in SPANS if span >= far), SPANS[-1])


def describe(bar: Bar) -> str:
    """What a screen reader hears in place of the picture."""
    side = "spans 1" if bar.low < 1 < bar.high else "for the chapter" if bar.ratio > 1 else "against the chapter"
    low, high = words.number(bar.low), words.number(bar.high)
    if bar.low == bar.high:
        return f"{bar.name}: ratio {words.number(bar.ratio)}, one block, {'for' if bar.ratio > 1 else 'against'} the chapter"
    return f"{bar.name}: ratio {words.number(bar.ratio)}, 95 % interval {low} to {high}, {side}"
