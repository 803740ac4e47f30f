"""What measuring itself costs: wall time and CPU time of a run, phase by phase.

The window is what a run is for; everything else is the price of servers that are fresh, verified and drained.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from benchmarks.store.records import Record

# How a run calls its phases, and what they are to whoever asks what they cost.
PHASES = {
    "set up": "set up",
    "waiting": "wait for quiet",
    "start": "start",
    "verify": "verify",
    "warm-up": "warm up",
    "window": "load",
    "drain": "drain",
    "stop": "stop",
    "done": "statistics",
    "void": "statistics",
}
LOADED = ("warm up", "load")
_NOTHING = {"seconds": 0.0, "harness_cpu": 0.0, "generator_cpu": 0.0}


class Cost:
    """Counts while a run goes from phase to phase. Where arms run at the same time, the phase is the last one entered.

    generators  the process numbers of the generators that live now
    earlier     `to_json` of the part of the run that was interrupted
    """

    def __init__(self, generators: Callable[[], Iterable[int]], earlier: Mapping[str, Any] | None = None) -> None:
        self._generators, self._lock = generators, threading.Lock()
        self._spent = {name: dict(spent) for name, spent in (earlier or {}).items()}
        self._phase, self._wall, self._own = "set up", time.monotonic(), time.process_time()
        self._load: dict[int, float] = {}

    def begin(self) -> None:
        """Generators that are there already used their time for others."""
        with self._lock:
            self._load = _cpu(self._generators())

    def enter(self, phase: str) -> None:
        """Another phase begins, by the name that a run gives it; what was used so far belongs to the one before."""
        with self._lock:
            wall, own, load = time.monotonic(), time.process_time(), _cpu(self._generators())
            spent = self._spent.setdefault(self._phase, dict(_NOTHING))
            spent["seconds"] += wall - self._wall
            spent["harness_cpu"] += own - self._own
            # A generator that was not there before has used all its time since; one that is gone takes the rest along.
            spent["generator_cpu"] += sum(used - self._load.get(pid, 0.0) for pid, used in load.items())
            self._phase, self._wall, self._own, self._load = PHASES[phase], wall, own, load

    def to_json(self) -> dict[str, dict[str, float]]:
        """Phase -> seconds of wall time, and CPU seconds of the harness's own process and of its generators."""
        with self._lock:
            return {name: dict(spent) for name, spent in self._spent.items()}


def under_load(record: Record) -> float | None:
    """Share of the wall time in which servers were under load, warm-up included; None in a record that does not know."""
    cost: Mapping[str, Mapping[str, float]] = record.data.get("cost") or {}
    whole = sum(spent["seconds"] for spent in cost.values())
    return sum(cost[name]["seconds"] for name in LOADED if name in cost) / whole if whole else None


def table(record: Record) -> Table | None:
    """Phase by phase: wall time and its share, CPU of the harness and of the generator, of the servers where it is known."""
    cost: Mapping[str, Mapping[str, float]] = record.data.get("cost") or {}
    whole = sum(spent["seconds"] for spent in cost.values())
    if not whole:
        return None
    servers = sum(trial.cpu_seconds for block in record.blocks for trial in block.trials)
    rows = [
        [
            name,
            f"{cost[name]['seconds']:.1f} s",
            f"{cost[name]['seconds'] / whole:.0%}",
            f"{cost[name]['harness_cpu']:.2f} s",
            f"{cost[name]['generator_cpu']:.2f} s",
            f"{servers:.2f} s" if name == "load" else "",
        ]
        for name in dict.fromkeys(PHASES.values())
        if name in cost
    ]
    used = sum(spent["harness_cpu"] for spent in cost.values())
    load = sum(spent["generator_cpu"] for spent in cost.values())
    rows.append(["all", f"{whole:.1f} s", "100%", f"{used:.2f} s", f"{load:.2f} s", f"{servers:.2f} s"])
    note = f"{under_load(record) or 0.0:.0%} of the time servers were under load, warm-up included"
    return Table(header=["phase", "time", "share", "CPU: harness", "generator", "servers"], rows=rows, note=note)


def _cpu(pids: Iterable[int]) -> dict[int, float]:
    found = {}
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[pid] = times.user + times.system
    return found
