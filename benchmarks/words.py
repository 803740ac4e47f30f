"""Numbers in words: one way to write a ratio, an interval, a quantity, everywhere in the book."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.judge.statistics import Interval


def number(value: float) -> str:
    """Two or three digits that mean something: 1234, 48, 3.7, 1.04, 0.31, 0.0042; whole numbers as they are: 5."""
    size = abs(value)
    if size == int(size) and size < 1e6:
        return f"{value:.0f}"
    return f"{value:.{_decimals(size)}f}" if size >= 0.1 else f"{value:.2g}"


def quantity(value: float, unit: str) -> str:
    """A value with its unit; a share (no unit) is written per cent."""
    return f"{number(value)} {unit}" if unit else f"{100 * value:.0f} %"


def spread(interval: Interval, unit: str | None = None) -> str:
    """Such as "3.5 to 3.9", with the unit when there is one; says so when one block gives no interval."""
    if interval.low is None or interval.high is None:
        return "no interval from one block"
    if unit == "":
        return f"{100 * interval.low:.0f} to {100 * interval.high:.0f} %"
    low, high = interval.low, interval.high
    if low >= 0.1 and high < 10 * low:  # both ends as exactly as the lower one: 1.53 to 2.30
        both = f"{low:.{_decimals(low)}f} to {high:.{_decimals(low)}f}"
    else:
        both = f"{number(low)} to {number(high)}"
    return both if unit is None else f"{both} {unit}"


def times(interval: Interval) -> str:
    """Such as "3.7 times (95 % interval 3.5 to 3.9)"."""
    level = "" if interval.low is None else "95 % interval "
    return f"{number(interval.estimate)} times ({level}{spread(interval)})"


def coarse(value: float) -> str:
    """One digit, two after a leading 1: 4, 13, 400. For text that must not change with every measurement."""
    if value == 0:
        return "0"
    digits = 2 if f"{abs(value):e}"[0] == "1" else 1
    rounded = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:g}" if abs(rounded) < 1e6 else f"{rounded:.0f}"


def counted(count: int, noun: str) -> str:
    """Such as "1 block", "10 blocks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def clock(seconds: float) -> str:
    """Minutes and seconds: 0:41."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def listed(items: Iterable[str], last: str = "and") -> str:
    """Such as "a, b and c"."""
    words = list(items)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def level(value: float | int | str, unit: str | None) -> str:
    """A value of a factor with its unit: "5 ms"."""
    return f"{number(value)}{f' {unit}' if unit else ''}" if numeric(value) else str(value)


def numeric(value: object) -> TypeGuard[float]:
    """Whether a value has a place on a line; True and False have none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _decimals(size: float) -> int:
    return 0 if size >= 10 else 1 if size >= 2 else 2
