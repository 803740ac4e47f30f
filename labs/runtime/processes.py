"""Looking into a running deployment: who runs, as whom, with how much memory of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from labs.tables import Tabled


@dataclass(frozen=True, kw_only=True)
class Row:
    """One server of a deployment. pss is in bytes, over all its processes."""

    process: str
    pid: int
    user: str
    processes: int
    threads: int
    pss: int


def living(pids: Iterable[int]) -> list[psutil.Process]:
    """Those of these processes that have not ended meanwhile."""
    found = []
    for pid in pids:
        try:
            found.append(psutil.Process(pid))
        except psutil.NoSuchProcess:
            continue
    return found


def pss(process: psutil.Process) -> int:
    """Proportional set size in bytes: pages that n processes share count a nth in each (proc(5), smaps_rollup).

    RSS would count what forked workers share once for each of them. Where the system does not tell PSS, RSS it is;
    0 for a process that has ended or belongs to somebody else.
    """
    found = _rolled_up(process, "Pss:")
    if found is not None:
        return found
    try:
        return int(process.memory_info().rss) if not Path("/proc/self").exists() else 0
    except psutil.Error:
        return 0


def swapped(process: psutil.Process) -> int:
    """The same of its pages that were moved to swap (SwapPss); 0 where the system does not tell."""
    return _rolled_up(process, "SwapPss:") or 0


def _rolled_up(process: psutil.Process, name: str) -> int | None:
    """A sum in bytes; None where there is no such file, 0 of a process that has ended or is somebody else's."""
    try:
        for line in Path("/proc", str(process.pid), "smaps_rollup").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        return 0
    except FileNotFoundError:
        return None
    except (PermissionError, ProcessLookupError):
        return 0


def rows(origins: Mapping[int, int], servers: Mapping[int, str]) -> list[Row]:
    """A row a server: `servers` names the processes that were started, `origins` tells of all that runs which of these it
    came from."""
    table = []
    for head, name in servers.items():
        if mine := living(pid for pid, of in origins.items() if of == head):
            table.append(_row(name, head, mine))
    if detached := living(pid for pid, of in origins.items() if of not in servers):
        table.append(_row("detached", detached[0].pid, detached))
    return table


def _row(name: str, head: int, members: list[psutil.Process]) -> Row:
    threads = user = None
    count = 0
    for process in members:
        try:
            threads = (threads or 0) + process.num_threads()
            # The last one started is a worker: a master of root's may have given its workers to somebody else
            user = process.username()
            count += 1
        except psutil.Error:
            continue
    return Row(
        process=name, pid=head, user=user or "", processes=count, threads=threads or 0, pss=sum(map(pss, members))
    )


class ProcessTable(Tabled):
    """The rows as text on a terminal and as a table in a notebook."""

    columns = ("process", "pid", "user", "processes", "threads", "PSS")
    kind = "plain processes"

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def cells(self) -> list[tuple[str, ...]]:
        return [
            (row.process, str(row.pid), row.user, str(row.processes), str(row.threads), f"{row.pss / 1e6:.1f} MB")
            for row in self.rows
        ]
