"""What a sampler can look at, by name. Each gives, for a label, a function to look with.

A look must be cheap and must not wait long: a server may be dead, frozen or unplugged just then, and the look says None.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from labs.errors import LabError
from labs.runtime import processes
from labs.runtime.connections import Connections

if TYPE_CHECKING:
    import psutil

    from benchmarks.plan.watch import Look, Watch
    from labs.runtime.deployment import Deployment
    from labs.runtime.running import Running

REFRESH = 1.0  # seconds for which a list of processes is believed: the keeper reads the whole of /proc to make one
MOMENT = 0.01  # seconds for which a look at the tables of connections is believed
PATIENCE = 0.2  # seconds that a cache gets to answer


class _Counts:
    """How many connections a server holds and how many wait: both from one look at the system's tables."""

    def __init__(self, deployment: Deployment, label: str) -> None:
        self._read: Callable[[], Connections] = lambda: deployment.connections(label)
        self._seen, self._until = Connections(held=0, waiting=None), 0.0

    def now(self) -> Connections:
        """As they are, or were a moment ago."""
        if time.monotonic() > self._until:
            self._seen = self._read()
            self._until = time.monotonic() + MOMENT
        return self._seen


class Probes:
    """Makes the functions to look with, of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._counts: dict[str, _Counts] = {}

    def counts(self, label: str) -> _Counts:
        """Shared by all who look at the same server."""
        return self._counts.setdefault(label, _Counts(self.deployment, label))

    def look(self, watch: Watch) -> Look:
        """Of one series. Raises LabError where nothing has this name, or no server has this label."""
        if not isinstance(watch.what, str):
            return watch.what(self.deployment)
        if watch.what not in PROBES:
            raise LabError(f"Nothing that can be watched is called {watch.what!r}. There are: {', '.join(PROBES)}.")
        if watch.of is None:
            raise LabError(f"{watch.name}: of which server? Give its label.")
        self.deployment.server(watch.of)
        return PROBES[watch.what](self, watch.of)


def _connections(probes: Probes, label: str) -> Look:
    """Connections that the server has accepted and not closed."""
    counts = probes.counts(label)
    return lambda: counts.now().held


def _waiting(probes: Probes, label: str) -> Look:
    """Connections in the queue of its listening socket."""
    counts = probes.counts(label)
    return lambda: counts.now().waiting


def _of_processes(read: Callable[[psutil.Process], int]) -> Callable[[Probes, str], Look]:
    """The sum over the processes of a server."""

    def probe(probes: Probes, label: str) -> Look:
        known: list[psutil.Process] = []
        of, until = None, 0.0

        def look() -> float:
            nonlocal known, of, until
            running: Running = probes.deployment.running(label)
            if running.pid != of or time.monotonic() > until:
                known, of, until = running.processes(), running.pid, time.monotonic() + REFRESH
            return sum(map(read, known))

        return look

    return probe


def _count(process: psutil.Process) -> int:
    return int(process.is_running())


class _Memcached:
    """Asks a memcached for its counters, on a connection that is kept."""

    def __init__(self, deployment: Deployment, label: str) -> None:
        self._running: Callable[[], Running] = lambda: deployment.running(label)
        self._socket: socket.socket | None = None

    def read(self, name: str) -> float | None:
        """One of its counters since it started (memcached's doc/protocol.txt, "General-purpose statistics")."""
        try:
            for line in self._asked().splitlines():
                if line.startswith(f"STAT {name} "):
                    return float(line.split()[2])
        except OSError:
            self._close()
        return None

    def _asked(self) -> str:
        if self._socket is None:
            address = self._running().address
            family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            self._socket.settimeout(PATIENCE)
            self._socket.connect(address)
        self._socket.sendall(b"stats\r\n")
        answer = b""
        while not answer.endswith(b"END\r\n"):
            received = self._socket.recv(65536)
            if not received:
                raise ConnectionResetError("memcached hung up")
            answer += received
        return answer.decode("ascii", "replace")

    def __del__(self) -> None:
        self._close()

    def _close(self) -> None:
        """Also after a late answer: the next would be taken for it."""
        sock, self._socket = self._socket, None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.close()


def _counter(name: str) -> Callable[[Probes, str], Look]:
    def probe(probes: Probes, label: str) -> Look:
        cache = _Memcached(probes.deployment, label)
        return lambda: cache.read(name)

    return probe


# "hits" and "misses" are counted since the cache started: the difference between two looks is what came between them.
PROBES: Mapping[str, Callable[[Probes, str], Look]] = {
    "connections": _connections,
    "waiting": _waiting,
    "pss": _of_processes(processes.pss),
    "swap": _of_processes(processes.swapped),
    "processes": _of_processes(_count),
    "hits": _counter("get_hits"),
    "misses": _counter("get_misses"),
}
