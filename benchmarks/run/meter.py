"""What a deployment uses: CPU seconds between two moments, and memory; and what others used of its CPUs meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

from benchmarks.plan.deployed import Roles
from benchmarks.trials.roles import Used, by_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from benchmarks.plan.deployed import Deployed


class Meter:
    """Reads a process tree at the two ends of a window. A deployment has what it needs; so have two functions.

    cpu_seconds  user and system seconds used within the window, children that died included
    seconds      time between the two readings of the CPU: the window, and the moment it takes to look
    pss_bytes    proportional set size as the window ended, under load still
    servers      the part of each server in both, by label; None where the deployment does not tell
    machines     the same by machine; None where all run on this one
    carriers     CPU seconds of what carries the machines, which is in none of the others
    strangers    CPU seconds that others used on `cpus`, which are the servers' alone; None where no such CPUs are given, or
                 the system does not count by CPU. Interrupts are nobody's, and not counted
    """

    def __init__(
        self,
        cpu: Callable[[], float],
        pss: Callable[[], int],
        cpus: Iterable[int] | None = None,
        roles: Roles | None = None,
    ) -> None:
        self._cpu, self._pss, self._cpus, self._roles = cpu, pss, sorted(cpus or ()), roles
        self.cpu_seconds, self.seconds, self.pss_bytes = 0.0, 0.0, 0
        self.servers: dict[str, Used] | None = None
        self.machines: dict[str, Used] | None = None
        self.carriers: dict[str, float] | None = None
        self.strangers: float | None = None
        self._used: float | None = None
        self._before: Mapping[str, float] = {}
        self._on: Mapping[str, str] = {}
        self._carried: Mapping[str, float] = {}

    @classmethod
    def of(cls, deployment: Deployed, cpus: Iterable[int] | None = None) -> Meter:
        """For a deployment, and the CPUs that nothing else should use."""
        roles = deployment if isinstance(deployment, Roles) else None
        return cls(deployment.cpu_seconds, deployment.pss, cpus, roles)

    def begin(self, _at: float = 0.0) -> None:
        """The window begins."""
        self._used = self._all()
        total, self._before = self._read()
        self.cpu_seconds, self.seconds = -total, -time.monotonic()
        if self._roles and (on := self._roles.machine_names()):
            self._on, self._carried = on, self._roles.carried()

    def end(self, _at: float = 0.0) -> None:
        """The window ends: CPU first, since reading memory takes longer and costs CPU time itself."""
        total, after = self._read()
        self.cpu_seconds += total
        self.seconds += time.monotonic()
        if self._used is not None and (used := self._all()) is not None:
            self.strangers = max(0.0, used - self._used - self.cpu_seconds)
        if self._roles is None:
            self.pss_bytes = self._pss()
            return
        memory = self._roles.memory_usage()
        self.pss_bytes = int(memory.total)
        self.servers = {
            label: Used(
                cpu_seconds=max(0.0, seconds - self._before.get(label, 0.0)),
                pss_bytes=int(memory.servers.get(label, 0)),
            )
            for label, seconds in after.items()
        }
        if self._on:
            self.machines = by_machine(self.servers, self._on)
            self.carriers = {
                what: max(0.0, seconds - self._carried.get(what, 0.0))
                for what, seconds in self._roles.carried().items()
            }

    def _read(self) -> tuple[float, Mapping[str, float]]:
        """CPU seconds so far: of all, and of each server, from one look."""
        if self._roles is None:
            return self._cpu(), {}
        usage = self._roles.cpu_usage()
        return usage.total, usage.servers

    def _all(self) -> float | None:
        """What everybody has used on these CPUs so far."""
        if not self._cpus:
            return None
        times = psutil.cpu_times(percpu=True)
        if self._cpus[-1] >= len(times):  # CPUs are numbered with gaps: not known which is which
            return None
        return sum(times[cpu].user + times[cpu].system + getattr(times[cpu], "nice", 0.0) for cpu in self._cpus)
