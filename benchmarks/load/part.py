"""Which users, and which arrivals, belong to one of several generating processes.

They are dealt out like cards, by number: each user and each arrival belongs to exactly one process, and is the same as if one
process did it all, with the same number, the same page and the same sequence of random draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from benchmarks.plan.workload import Closed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.plan.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Part:
    """The index-th of `of` processes, from 0; by default the only one."""

    index: int = 0
    of: int = 1

    def share(self, whole: int) -> int:
        """How many of `whole` users are its own."""
        return len(range(self.index, whole, self.of))

    def numbers(self) -> Iterator[int]:
        """Those of its own users, without end."""
        return count(self.index, self.of)

    def due(self, workload: Workload, seed: str) -> Iterator[tuple[int, float]] | None:
        """Its own arrivals: number in the whole schedule, and seconds from the start. None without a schedule.

        An open workload's are dealt out by their number. Those of a paced one go with the user whose turn it is.
        """
        schedule = workload.schedule(seed)
        if schedule is None:
            return None
        turns = workload.users if isinstance(workload, Closed) else self.of
        return ((number, after) for number, after in enumerate(schedule) if number % turns % self.of == self.index)
