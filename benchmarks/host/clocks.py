"""Three clocks, read at both ends of a block: a laptop that slept, and a clock that was set, show in what they disagree about.

Durations are measured on CLOCK_MONOTONIC, which stands still while the machine sleeps (clock_gettime(2)); CLOCK_BOOTTIME
goes on. CLOCK_REALTIME also jumps when somebody sets it, and servers that are measured use it for caches and connections.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

SLEPT = 0.1  # seconds that the steady clock may fall behind the one that counts sleep
STEPPED = 0.25  # seconds: NTP slews by at most 0.5 ms a second, which is far less within a block


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One moment on each clock, in seconds. boot is None where the system has no such clock, as on macOS."""

    steady: float
    boot: float | None
    wall: float


def now() -> Moment:
    """This moment."""
    boot = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else None
    return Moment(steady=time.monotonic(), boot=boot, wall=time.time())


def disagreement(begin: Moment, end: Moment) -> str | None:
    """What happened between two moments that no measurement survives; None where the clocks agree."""
    steady = end.steady - begin.steady
    slept = 0.0
    if begin.boot is not None and end.boot is not None:
        slept = end.boot - begin.boot - steady
        if slept > SLEPT:
            return f"this machine slept for {slept:.1f} s"
    step = end.wall - begin.wall - steady - slept
    if abs(step) > STEPPED:
        return f"the clock of this machine jumped by {step:+.1f} s: it was set, or the machine slept"
    return None
