"""The processes of this computer, from one reading, and signals to some of them."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>
TICK = os.sysconf("SC_CLK_TCK")


class Row(NamedTuple):
    """What the system says of a process: its parent, its session, CPU seconds with its dead children, and its state (proc(5))."""

    parent: int
    session: int
    seconds: float
    state: str


def prctl(option: int, value: int) -> None:
    """prctl(2), on Linux; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def processes(some: list[int] | None = None) -> dict[int, Row]:
    """Every process that can be seen, or some, by its number."""
    if sys.platform != "linux":
        listing = subprocess.run(["ps", "-axo", "pid=,ppid=,sess=,stat="], capture_output=True, text=True, check=False)
        rows = (line.split(None, 3) for line in listing.stdout.splitlines())
        return {int(r[0]): Row(int(r[1]), int(r[2], 16) if r[2].strip("0") else 0, 0.0, r[3][:1]) for r in rows}
    found = {}
    for folder in Path("/proc").iterdir() if some is None else (Path("/proc", str(pid)) for pid in some):
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:  # it ended meanwhile
                continue
            f = stat[stat.rindex(")") + 2 :].split()
            found[int(folder.name)] = Row(int(f[1]), int(f[3]), sum(map(int, f[11:15])) / TICK, f[0])
    return found


def send(pids: list[int], number: int) -> None:
    """Send a signal to processes, some of which may have ended."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
