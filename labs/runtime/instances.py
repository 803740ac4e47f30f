"""The running servers of one deployment, and who of them is dead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psutil

from labs.errors import LabError
from labs.runtime import connections, launch, processes
from labs.runtime.connections import Connections
from labs.runtime.launch import Patience
from labs.runtime.running import Running
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.supervisor.keeper import Keeper


@dataclass(frozen=True, kw_only=True)
class Look:
    """One server when it was looked at. memory in bytes (PSS), cpu in seconds since its first start; connections that it holds,
    and that wait until it takes them."""

    name: str
    state: str
    processes: int
    memory: int
    cpu: float
    held: int
    waiting: int


class Instances:
    """An object for each server, and further ones where another of the same label was started beside it.

    name     of the deployment, for messages
    servers  back-ends first
    """

    def __init__(
        self,
        name: str,
        servers: Sequence[Server],
        folder: Folder,
        keeper: Keeper,
        *,
        cpus: set[int] | None,
    ) -> None:
        self.name, self.servers = name, tuple(servers)
        self._folder, self._keeper, self._cpus = folder, keeper, cpus
        self._all = [self._made(server) for server in self.servers]

    def _made(self, server: Server) -> Running:
        return Running(server, self._folder, self._keeper, self.servers, cpus=self._cpus)

    def __iter__(self) -> Iterator[Running]:
        """Those that were started and not stopped, dead ones among them, in the order of their starts."""
        return iter(sorted((each for each in self._all if each.pid is not None), key=lambda each: each.since))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def dead(self) -> list[Running]:
        """Those that have ended by themselves, or were killed."""
        ended = self._keeper.ended()
        return [each for each in self if each.pid in ended]

    def living(self) -> list[Running]:
        """Those whose process is there."""
        ended = self._keeper.ended()
        return [each for each in self if each.pid not in ended]

    def named(self, label: str) -> list[Server]:
        """The server of this label, else those of this title. Raises LabError, with those that there are."""
        found = [server for server in self.servers if server.label == label]
        found = found or [server for server in self.servers if server.title == label]
        if not found:
            raise LabError(f"{self.name} has no {label}. It has: {', '.join(each.label for each in self.servers)}.")
        return found

    def server(self, label: str) -> Server:
        """The first of these. Raises LabError."""
        return self.named(label)[0]

    def of(self, label: str) -> Running:
        """The one of this label or title that runs, the oldest of several; else one that does not run. Raises LabError."""
        servers = self.named(label)
        return [*_of(servers, self.living()), *_of(servers, self._all)][0]

    def alive(self, label: str) -> Running:
        """The same, only one that runs. Raises LabError, with those that do, and with how it ended."""
        known = [server for server in self.servers if label in (server.label, server.title)]
        if found := _of(self.named(label) if known else [], self.living()):
            return found[0]
        ended = [f" {each!r}." for each in _of(known, self.dead())]
        runs = ", ".join(each.label for each in self.living()) or "nothing"
        raise LabError(f"{self.name} runs no {label}. It runs: {runs}.{''.join(ended)}")

    # -- their lives

    def start_each(self, patience: Patience) -> None:
        """Start every server, back-ends first. Raises StartError when one does not come up in time."""
        for each in self._all:
            each.start(patience)

    def start(self, label: str, patience: Patience) -> Running:
        """Start one more of this label, once what dead ones of it left is ended; the one that runs then.

        Raises StartError when it does not come up in time: the others go on.
        """
        server = self.server(label)
        for each in _of([server], self.dead()):
            each.stop()
        idle = [each for each in _of([server], self._all) if each.pid is None]
        if not idle:
            idle = [self._made(server)]
            self._all.append(idle[0])
        idle[0].start(patience)
        return idle[0]

    def stop(self, label: str) -> None:
        """End the oldest of this label that runs; where none does, what a dead one left. Raises LabError where none was started."""
        dead = [each for each in self.dead() if label in (each.label, each.server.title)]
        if dead and not _of(self.named(label), self.living()):
            for each in dead:
                each.stop()
        else:
            self.alive(label).stop()

    def still_there(self) -> None:
        """Raise StartError if one has ended by itself."""
        for each in self:
            each.still_there()

    # -- what they cost

    def cpu_seconds(self, label: str) -> float:
        """User and system seconds of all of this label since the first start, dead processes included."""
        return sum(each.cpu_seconds() for each in _of(self.named(label), self._all))

    def pss(self, label: str) -> int:
        """Proportional set size of all of this label, in bytes."""
        return sum(each.pss() for each in _of(self.named(label), list(self)))

    def each(self, starts: Mapping[int, float]) -> dict[str, float]:
        """Label -> the sum over all its starts. starts: process number of a start -> what is summed."""
        found = {server.label: 0.0 for server in self.servers}
        for running in self._all:
            found[running.label] += sum(starts.get(pid, 0.0) for pid in running.started)
        return found

    def connections(self, label: str) -> Connections:
        """How many connections all of this label hold, and how many wait to be accepted. The keeper is not asked: it may be busy
        with the end of another server for seconds."""
        server = self.server(label)
        pids = [each.pid for each in self._all if each.label == server.label and each.pid is not None]
        return connections.count(self._folder.endpoint(server.listen), pids)

    def look(self) -> list[Look]:
        """Every server as it is now, those that do not run too: what a panel shows, from one look at the processes."""
        running: dict[int, list[psutil.Process]] = {}
        for pid, start in self._keeper.origins().items():
            running.setdefault(start, []).extend(processes.living([pid]))
        spent = self._keeper.cpu_of()
        found = []
        for each in self._all:
            mine = [process for start in each.started for process in running.get(start, [])]
            held = self.connections(each.label) if mine else Connections(held=0, waiting=0)
            found.append(
                Look(
                    name=_named(each),
                    state=each.state if each.status is None else f"ended ({launch.how_it_ended(each.status)})",
                    processes=len(mine),
                    memory=sum(map(processes.pss, mine)),
                    cpu=sum(spent.get(start, 0.0) for start in each.started),
                    held=held.held,
                    waiting=held.waiting or 0,
                )
            )
        return found

    def table(self) -> processes.ProcessTable:
        """A row a server: process number, user, processes, threads, PSS."""
        names = {each.pid or 0: _named(each) if each.alive else f"{_named(each)}, dead" for each in self}
        return processes.ProcessTable(processes.rows(self._keeper.origins(), names))


def _named(running: Running) -> str:
    """Its label, with its title where that says more."""
    title = running.server.title
    return running.label if running.label == title.lower() else f"{running.label} ({title})"


def _of(servers: Sequence[Server], some: Sequence[Running]) -> list[Running]:
    """Those of some that are of these servers."""
    labels = {server.label for server in servers}
    return [each for each in some if each.label in labels]
