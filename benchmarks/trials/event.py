"""What happened to the servers within a window, and what those who read and those who wrote saw of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.codec import Amount, Count


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One kind of requests around one event, from its beginning to that of the next event or the end of the window.

    longest_gap  the longest time without a good answer that overlaps with that span, its whole length counted, in seconds
    failures     requests that failed within the span
    repaired     seconds from the beginning of the event to the good answer that ended this gap; None where none did
    last_failure seconds from there to the last failure of the span; None without one
    """

    longest_gap: Amount
    failures: Count
    repaired: Amount | None = None
    last_failure: Amount | None = None


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event. Times are seconds from the beginning of the window.

    what    the word of what was done, or the name of the function that did it
    of      the label of the server that it was done to; None where a function chose
    due     when it was to begin; began, ended: when it did
    reads   what requests saw of it that ask only (GET, HEAD, OPTIONS, TRACE: safe methods of RFC 9110, 9.2.1); None where there
            were none in the window
    writes  the same of all others
    """

    what: str
    of: str | None = None
    due: Amount
    began: Amount
    ended: Amount
    reads: Seen | None = None
    writes: Seen | None = None


@dataclass(frozen=True)
class Answers:
    """When requests of one kind ended, in seconds from the beginning of the window, in order: as expected, and not."""

    good: Sequence[float]
    failed: Sequence[float]

    def around(self, began: float, until: float, window: float) -> Seen | None:
        """What they tell of [began, until); None where there are none at all."""
        if not self.good and not self.failed:
            return None
        # Nobody knows what was before the window and after it: a gap begins or ends there.
        ends = [0.0, *self.good, max(window, self.good[-1] if self.good else 0.0)]
        gaps = [(after - before, after) for before, after in self._overlapping(ends, began, until)]
        longest, end = max(gaps)
        failed = self.failed[bisect_left(self.failed, began) : bisect_left(self.failed, until)]
        answered = bool(self.good) and end <= self.good[-1]
        return Seen(
            longest_gap=longest,
            failures=len(failed),
            repaired=max(0.0, end - began) if answered else None,
            last_failure=failed[-1] - began if failed else None,
        )

    @staticmethod
    def _overlapping(ends: Sequence[float], began: float, until: float) -> Sequence[tuple[float, float]]:
        """The gaps between these moments of which a part lies within the span; at least the one that it begins in."""
        # A gap overlaps whose end lies after the beginning of the span, and whose beginning before its end.
        first = min(bisect_right(ends, began), len(ends) - 1) - 1
        last = max(first + 1, bisect_left(ends, until))
        return list(zip(ends[first:last], ends[first + 1 : last + 1], strict=False))
