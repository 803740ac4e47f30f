"""How an interval is told and how long an axis it needs; `benchmarks.show.axis` places it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.show.axis import Axis, span_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .data import Bar

__all__ = ["Axis", "describe", "span_for"]


def span_for(bars: Sequence[Bar]) -> int:
    """The shortest axis that holds every bar whole."""
    return span_of(max((max(bar.high, 1 / bar.low) for bar in bars), default=2.0))


def describe(bar: Bar) -> str:
    """What a screen reader hears in place of the picture."""
    side = "spans 1" if bar.low < 1 < bar.high else "for the chapter" if bar.ratio > 1 else "against the chapter"
    low, high = words.number(bar.low), words.number(bar.high)
    if bar.low == bar.high:
        return f"{bar.name}: ratio {words.number(bar.ratio)}, one block, {'for' if bar.ratio > 1 else 'against'} the chapter"
    return f"{bar.name}: ratio {words.number(bar.ratio)}, 95 % interval {low} to {high}, {side}"
