"""Time and patience for tests that run beside others: what is judged is what the machine had time for.

A test that says "at once", or "within its limit of a second", means a machine that has nothing else to do. Where processes
wait for a processor, that waiting is not the server's fault, and is not counted; on a quiet machine nothing is taken off.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path

PRESSURE = Path("/proc/pressure/cpu")  # Documentation/accounting/psi.rst; not every kernel has it
STRETCH = 6  # times a limit that a busy machine may take in all
HANG = 60.0  # seconds after which whatever does not answer is taken for hanging; for time limits that end nothing early


def queued() -> float:
    """Seconds so far in which at least one process of this machine was ready to run and had no processor; 0 where not known."""
    try:
        some = PRESSURE.read_text("ascii").splitlines()[0]
    except (OSError, IndexError):
        return 0.0
    return int(some.rpartition("=")[2]) / 1e6


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began, self._queued = time.monotonic(), queued()

    @property
    def wall(self) -> float:
        """Seconds by the clock."""
        return time.monotonic() - self._began

    @property
    def seconds(self) -> float:
        """Seconds in which nobody on this machine waited for a processor."""
        return max(0.0, self.wall - (queued() - self._queued))

    @property
    def pressed(self) -> bool:
        """Whether somebody waited for a processor for half of the time and more: then nothing here is fast."""
        return self.seconds < self.wall / 2

    def over(self, limit: float) -> bool:
        """Whether so many seconds are over; by the clock, many times as many."""
        return self.seconds >= limit or self.wall >= STRETCH * limit


def wait_for(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    """Look until the condition holds; whether it did in time."""
    watch = Stopwatch()
    while not watch.over(seconds):
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def children() -> float:
    """Processor time, in seconds, of the processes that this one has started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
