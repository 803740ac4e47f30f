"""How many connections a server holds, and how many wait until it takes them, as the system counts them.

Linux tells both in the tables of a network (proc(5)), which are those of the machine that the server runs on. Both ends of a
connection within one machine stand there; the server's is the one at the server's own address. A connection belongs to nobody
(inode 0) until it is accepted.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from labs.servers.address import Endpoint

PROC = Path("/proc")
HELD, LISTEN = ("01", "08"), "0A"  # ESTABLISHED and CLOSE_WAIT; include/net/tcp_states.h
CONNECTING, CONNECTED = "02", "03"  # of a Unix socket, include/uapi/linux/net.h
LISTENS = 0x10000  # of its flags, __SO_ACCEPTCON


@dataclass(frozen=True)
class Connections:
    """held: accepted by the server; waiting: in the queue of its listening socket, None where the system does not tell."""

    held: int
    waiting: int | None


def count(endpoint: Endpoint, pids: Iterable[int]) -> Connections:
    """Of a server at an address. pids: its processes, the first that lives tells on which machine it is."""
    if not (PROC / "net").exists():
        return Connections(held=_held_elsewhere(endpoint, pids), waiting=None)
    network = next((found for pid in pids if (found := PROC / str(pid) / "net").exists()), PROC / "net")
    return _of_path(endpoint.path, network) if endpoint.path else _of_port(endpoint, network)


def _of_port(endpoint: Endpoint, network: Path) -> Connections:
    # A server that listens at this very address, or at all of IPv4, has no socket in the other table; to read one takes
    # milliseconds.
    for table in ("tcp", "tcp6"):
        rows = list(_rows(endpoint.port, network / table))
        mine, everywhere = _written(endpoint.host), {"0" * 8, "0" * 32}
        listening = [queued for host, state, queued, _ in rows if state == LISTEN and host in mine | everywhere]
        held = sum(host in mine and state in HELD and inode != "0" for host, state, _, inode in rows)
        if listening or held:
            return Connections(held=held, waiting=sum(listening))
    return Connections(held=0, waiting=0)


def _rows(port: int, table: Path) -> Iterator[tuple[str, str, int, str]]:
    """Host, state, bytes to be read (of a listening socket: connections that wait) and inode, of each socket at a port."""
    end = f":{port:04X}"
    for line in _lines(table):
        if f"{end} " not in line:  # before it is taken to pieces: thousands of others may stand there
            continue
        row = line.split(None, 10)
        if row[1].endswith(end):
            yield row[1].partition(":")[0], row[3], int(row[4].partition(":")[2], 16), row[9]


def _written(host: str) -> set[str]:
    """An IPv4 address as the tables write it, in that of IPv6 too."""
    mine = socket.inet_aton(host)[::-1] if sys.byteorder == "little" else socket.inet_aton(host)
    return {mine.hex().upper(), f"0000000000000000FFFF0000{mine.hex().upper()}"}


def _of_path(path: str, network: Path) -> Connections:
    """A socket that is accepted keeps the path of the one that listens."""
    held = waiting = 0
    for line in _lines(network / "unix"):
        row = line.split(None, 7)
        if len(row) == 8 and row[7].rstrip("\n") == path and not int(row[3], 16) & LISTENS:
            held += row[5] == CONNECTED
            waiting += row[5] == CONNECTING
    return Connections(held=held, waiting=waiting)


def _lines(table: Path) -> list[str]:
    try:
        return table.read_text("utf-8", "surrogateescape").splitlines()[1:]
    except OSError:  # the machine is gone, or has no such table
        return []


def _held_elsewhere(endpoint: Endpoint, pids: Iterable[int]) -> int:
    """On systems without /proc: of the processes that may be looked into. One socket of several processes counts once."""
    peers = set()
    for pid in pids:
        try:
            found = psutil.Process(pid).net_connections("tcp")
        except psutil.Error:
            continue
        peers |= {
            each.raddr
            for each in found
            if each.status in (psutil.CONN_ESTABLISHED, psutil.CONN_CLOSE_WAIT) and each.laddr[1:] == (endpoint.port,)
        }
    return len(peers)
