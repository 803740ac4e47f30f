"""All that came from the servers of one deployment: which process is whose, what it has used, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .processes import Row, processes, send

MARK = "LABS_START"  # a variable of every process that a server was started with: which start it was
ADOPTS = sys.platform == "linux"  # whether this process is made the parent of its orphaned descendants


class Family:
    """The servers, their descendants, and what is known of those that have ended.

    helpers  the machines' own processes, which are no part of what is measured: process number -> what it does
    """

    def __init__(self) -> None:
        self.children: dict[int, dict[str, Any]] = {}  # every server ever started: pid -> what was asked
        self.ended: dict[int, int] = {}  # pid -> exit status, negative for a signal
        self.origin: dict[int, int] = {}  # pid of a descendant -> the server that it came from, as it was last seen
        self.marks: list[int] = []  # number of a start, which is in the environment of what came from it -> its server
        self.spent: dict[int, float] = {}  # server -> CPU seconds of those of its processes that ended as our children
        self.helpers: dict[int, str] = {}
        self.helped = 0.0  # CPU seconds of the helpers that this process has waited for

    def add(self, pid: int, ask: dict[str, Any]) -> None:
        """A server was started, by this request."""
        for known in (self.ended, self.spent, self.origin):  # of an earlier process of the same number
            known.pop(pid, None)
        self.children[pid] = ask
        self.marks.append(pid)

    def reap(self) -> None:
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) if ADOPTS else None
                # An orphan may end before it was ever seen: its session tells whose it was
                session = processes([found.si_pid])[found.si_pid].session if found else 0
                pid, status, usage = os.wait4(found.si_pid if found else -1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.helpers:
                self.helped += usage.ru_utime + usage.ru_stime
            self.ended[pid] = os.waitstatus_to_exitcode(status)
            server = self.origin.pop(pid, session)
            if server in self.children:
                self.spent[server] = self.spent.get(server, 0.0) + usage.ru_utime + usage.ru_stime

    def living(self) -> list[int]:
        """Every living descendant, and on systems without a subreaper every member of a server's session."""
        return [pid for pid, row in self.kin().items() if row.state not in "ZX" and pid not in self.helpers]

    def kin(self) -> dict[int, Row]:
        """The rows of `processes()` that are descendants, from one reading."""
        table = processes()
        # Where orphans are adopted, the line of parents is complete. Elsewhere the session of a server tells.
        sessions = set() if ADOPTS else set(self.children)
        mine, grown = {os.getpid()}, True
        while grown:
            more = {p for p, row in table.items() if row.parent in mine or row.session in sessions}
            grown = not more <= mine
            mine |= more
        return {pid: table[pid] for pid in mine - {os.getpid()} if pid in table}

    def origins(self, table: dict[int, Row]) -> dict[int, int]:
        """Descendant -> the server that it came from: by the line of its parents; of an orphan, by its session, by what was
        seen before, or by its environment. Of a daemon that shed all of these, nothing."""
        found: dict[int, int] = {}
        for pid in table:
            line, at = [], pid
            while at in table and at not in self.children and at not in found:
                line.append(at)
                at = table[at].parent
            server = found.get(at, at if at in self.children else 0)
            for each in reversed(line):
                server = server or self._origin_of_orphan(each, table[each].session)
                if server:
                    found[each] = server
            if pid in self.children:
                found[pid] = pid
        self.origin = found
        return found

    def _origin_of_orphan(self, pid: int, session: int) -> int:
        for known in (session, self.origin.get(pid, 0)):
            if known in self.children:
                return known
        try:
            variables = Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
        except OSError:  # it ended, or there is no /proc
            return 0
        starts = [each.partition(b"=")[2] for each in variables if each.startswith(f"{MARK}=".encode())]
        return self.marks[int(starts[0])] if starts and int(starts[0]) < len(self.marks) else 0

    def members(self, pid: int, *, but: str = "") -> list[int]:
        """A server and all that came from it: only among descendants, so that a number used again is nobody's here.

        but  states (proc(5)) of which none is wanted, besides those of processes that have ended
        """
        table = self.kin()
        return [
            each
            for each, server in self.origins(table).items()
            if server == pid and table[each].state not in f"ZX{but}"
        ]

    def wait(self, left: Callable[[], list[int]], seconds: float) -> list[int]:
        end, pause = time.monotonic() + seconds, 0.002
        while True:
            self.reap()
            remaining = left()
            if not remaining or time.monotonic() > end:
                return remaining
            time.sleep(pause)
            pause = min(pause * 1.5, 0.03)

    def kill(self, left: Callable[[], list[int]]) -> None:
        end = time.monotonic() + 5
        while (remaining := self.wait(left, 0.05)) and time.monotonic() < end:
            send(remaining, signal.SIGKILL)

    def cpu(self, carried: float) -> tuple[float, dict[int, float]]:
        """CPU seconds of the whole tree, and of each server, dead processes included.

        A living process counts with the children it has waited for (proc(5), fields 14 to 17, cut to ticks of 10 ms);
        what the keeper has waited for itself is in its own RUSAGE_CHILDREN, to the microsecond.
        """
        before: set[int] | None = None
        for _ in range(5):
            self.reap()
            usage = os.times()
            kin = self.kin()
            # A process that ended while /proc was being read could be missed here and in its parent: read again.
            if before == set(kin):
                break
            before = set(kin)
        each = dict(self.spent)
        for pid, server in self.origins(kin).items():
            each[server] = each.get(server, 0.0) + kin[pid].seconds
        apart = self.helped + carried
        living = sum(row.seconds for pid, row in kin.items() if pid not in self.helpers)
        return usage.children_user + usage.children_system - apart + living, each
