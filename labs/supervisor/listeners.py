"""Who listens where on this machine, as far as the system tells: /proc on Linux, nothing elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTEN = "0A"  # include/net/tcp_states.h


def ports() -> dict[int, set[str]]:
    """port -> the inodes of the sockets that listen on it (proc(5), /proc/net/tcp); empty where there is no such table."""
    found: dict[int, set[str]] = {}
    for table in TABLES:
        try:
            rows = [line.split() for line in table.read_text().splitlines()[1:]]
        except OSError:
            continue
        for row in rows:
            if row[3] == LISTEN:
                found.setdefault(int(row[1].rpartition(":")[2], 16), set()).add(row[9])
    return found


def held(port: int, pids: Iterable[int]) -> bool:
    """Whether one of these processes holds the socket that listens on a port; true where the system does not tell."""
    inodes = {f"socket:[{inode}]" for inode in ports().get(port, ())}
    if not inodes:
        return not TABLES[0].exists()
    hidden = False
    for pid in pids:
        try:
            for descriptor in Path("/proc", str(pid), "fd").iterdir():
                try:
                    if str(descriptor.readlink()) in inodes:
                        return True
                except OSError:  # closed meanwhile
                    continue
        except PermissionError:  # another user's
            hidden = True
        except OSError:  # it ended meanwhile
            continue
    return hidden and os.geteuid() != 0


def unix() -> set[str]:
    """Paths of the Unix sockets that are open on this machine (/proc/net/unix); empty where the system does not tell."""
    try:
        rows = Path("/proc/net/unix").read_text().splitlines()[1:]
    except OSError:
        return set()
    return {row.split(None, 7)[7] for row in rows if len(row.split(None, 7)) > 7}
