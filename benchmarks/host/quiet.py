"""Which processors of this machine are busy, and waiting a while for a moment when one is not.

Looked at before a run, and again after a block that a neighbour disturbed. No rule reads it: a block counts, or does not, by
what happened while it was measured (`benchmarks.run.voiding`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import psutil

LOOK = 0.25  # seconds: Linux counts in hundredths of a second
PAUSE = 0.5  # seconds between two looks, while waiting
BUSY = 0.10  # share of a processor above which servers on it are disturbed; as `voiding` has it
TAKEN = 0.50  # share above which a generator on it would be late
SAME = 0.05  # shares that differ by less are the same: the numbers of processors then decide, and runs are alike


@dataclass(frozen=True, kw_only=True)
class Look:
    """How busy each usable processor was while somebody looked: number -> share, 0 to 1. Empty where nobody counts."""

    busy: Mapping[int, float]

    def order(self) -> list[int]:
        """The quietest first."""
        return sorted(self.busy, key=lambda cpu: (round(self.busy[cpu] / SAME), cpu))

    def quiet(
        self, servers: Collection[int] | None = None, others: Collection[int] = (), *, generator: bool = False
    ) -> bool:
        """Whether servers could be measured now: on these processors, with the generator on `others`; None: on any.

        generator  whether the generator must not be disturbed either, where its processor is not chosen yet
        """
        if not self.busy:
            return True
        if servers is None:
            first, *rest = sorted(self.busy.values())
            return first <= BUSY and (not generator or not rest or rest[0] <= TAKEN)
        return all(self.busy.get(cpu, 0.0) <= BUSY for cpu in servers) and all(
            self.busy.get(cpu, 0.0) <= TAKEN for cpu in others
        )

    def __str__(self) -> str:
        return ", ".join(f"processor {cpu} is {share:.0%} busy" for cpu, share in sorted(self.busy.items()))


def look(seconds: float = LOOK) -> Look:
    """Watch the processors that this process may use."""
    before = _times()
    time.sleep(seconds)
    after = _times()
    shares = {}
    for cpu in before.keys() & after.keys():
        used, whole = (later - earlier for later, earlier in zip(after[cpu], before[cpu], strict=True))
        shares[cpu] = min(1.0, max(0.0, used / whole)) if whole > 0 else 0.0
    return Look(busy=shares)


def wait(
    patience: float,
    say: Callable[[str], object],
    *,
    servers: Collection[int] | None = None,
    others: Collection[int] = (),
    generator: bool = False,
) -> Look:
    """Look until it is quiet (`Look.quiet`), or patience (seconds) is over; the last look, quiet or not. Says once that it waits,
    and for what."""
    deadline, told = time.monotonic() + patience, False
    while True:
        seen = look()
        if seen.quiet(servers, others, generator=generator) or time.monotonic() + PAUSE >= deadline:
            return seen
        if not told:
            say(f"waits up to {patience:.0f} s for a quiet moment: {seen}{_culprit()}")
            told = True
        time.sleep(PAUSE)


def _times() -> dict[int, tuple[float, float]]:
    """Of each usable processor, by its number: seconds in use or taken by other guests, and seconds in all."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    times = psutil.cpu_times(percpu=True)
    found = {}
    for cpu in usable:
        if cpu >= len(times):  # processors are numbered with gaps: not known which is which
            return {}
        # guest time is already part of user time (proc(5))
        parts = {name: value for name, value in times[cpu]._asdict().items() if not name.startswith("guest")}
        whole = sum(parts.values())
        found[cpu] = whole - parts.get("idle", 0.0) - parts.get("iowait", 0.0), whole
    return found


def _culprit() -> str:
    """The process that is busiest, where one stands out."""
    mine = os.getpid()
    processes = [each for each in psutil.process_iter(["name"]) if each.pid != mine]
    for each in processes:
        _share(each)
    time.sleep(LOOK)
    name, share = max(
        ((each.info["name"], _share(each)) for each in processes), key=lambda pair: pair[1], default=("", 0.0)
    )
    return f"; {name} uses {share:.0%} of one" if share > TAKEN else ""


def _share(process: psutil.Process) -> float:
    try:
        return float(process.cpu_percent()) / 100
    except psutil.Error:
        return 0.0
