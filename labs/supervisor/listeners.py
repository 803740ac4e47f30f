"""Who listens where on this machine, as far as the system tells.

/proc is read here and not by psutil: psutil knows the tables of our own network alone, and no path with a space in it.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil

from labs.clients import probe
from labs.servers.address import Endpoint

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTEN = "0A"  # include/net/tcp_states.h
UNKNOWN = 0  # the number of no process


def ports() -> dict[int, set[str]]:
    """port -> the inodes of the sockets that listen on it (proc(5), /proc/net/tcp); empty where there is no such table."""
    found: dict[int, set[str]] = {}
    for table in TABLES:
        for row in _listening(table):
            found.setdefault(int(row[1].rpartition(":")[2], 16), set()).add(row[9])
    return found


def serves(endpoint: Endpoint, family: Callable[[], Iterable[int]]) -> bool:
    """Whether a process of a family takes connections at an address, and not somebody else.

    family  process numbers, the likeliest first; it is asked only where somebody takes connections

    Where the system does not tell whose a socket is, anybody's counts.
    """
    if endpoint.path:
        pid = _listener(endpoint.path)
        return pid is not None and (pid == UNKNOWN or pid in family())
    if not probe.takes_connections(endpoint):
        return False
    return _held(endpoint, family())


def _listener(path: str) -> int | None:
    """The process that called listen(2) on the socket which a new connection reaches: its credentials are the peer's
    (SO_PEERCRED in unix(7)). UNKNOWN where the system does not tell; None where nobody takes connections."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        try:
            client.connect(path)
            if not hasattr(socket, "SO_PEERCRED"):
                return UNKNOWN
            return int(struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
        except OSError:
            return None


def _held(endpoint: Endpoint, pids: Iterable[int]) -> bool:
    """Whether one of these processes holds the socket that listens on a port."""
    if not TABLES[0].exists():
        return _held_elsewhere(endpoint, pids)
    hidden, inodes, seen = False, set[str](), set[str]()
    for pid in pids:
        try:
            network = Path("/proc", str(pid), "net")
            namespace = str(Path("/proc", str(pid), "ns/net").readlink())
            if namespace not in seen:  # a machine of its own has tables of its own
                seen.add(namespace)
                inodes |= {f"socket:[{each}]" for each in _inodes(endpoint, network)}
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


def _held_elsewhere(endpoint: Endpoint, pids: Iterable[int]) -> bool:
    """The same on systems without /proc, as psutil tells it of this user's processes."""
    hidden = False
    for pid in pids:
        try:
            found = psutil.Process(pid).net_connections("tcp")
        except psutil.AccessDenied:
            hidden = True
        except psutil.Error:
            continue
        else:
            if any(each.status == psutil.CONN_LISTEN and each.laddr[1:] == (endpoint.port,) for each in found):
                return True
    return hidden


def _inodes(endpoint: Endpoint, tables: Path) -> Iterator[str]:
    """Of the sockets that listen on this address, or on its port at every address, in the tables of a network."""
    mine = socket.inet_aton(endpoint.host)[::-1] if sys.byteorder == "little" else socket.inet_aton(endpoint.host)
    wanted = {mine.hex().upper(), "0" * 8, "0" * 32}
    for table in ("tcp", "tcp6"):
        for row in _listening(tables / table):
            host, _, port = row[1].partition(":")
            if int(port, 16) == endpoint.port and (host in wanted or host.endswith(f"FFFF0000{mine.hex().upper()}")):
                yield row[9]


def _listening(table: Path) -> Iterator[list[str]]:
    """Rows of a table of /proc/net that are of sockets which listen (proc(5))."""
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return
    yield from (row for row in rows if row[3] == LISTEN)


def unix() -> set[str]:
    """Paths of the Unix sockets that are open on this machine (/proc/net/unix); empty where the system does not tell."""
    try:
        rows = Path("/proc/net/unix").read_text().splitlines()[1:]
    except OSError:
        return set()
    return {row.split(None, 7)[7] for row in rows if len(row.split(None, 7)) > 7}
