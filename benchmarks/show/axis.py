"""The logarithmic axis on which small pictures show ratios: right of 1 speaks for the chapter."""

from __future__ import annotations

import math
from dataclasses import dataclass

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


def span_of(far: float) -> int:
    """The shortest span that holds a ratio, or the longest there is."""
    return next((span for span in SPANS if span >= far), SPANS[-1])
