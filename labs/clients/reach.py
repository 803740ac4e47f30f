"""Connections to this machine alone: to its loopback addresses, and to the machines that this run made.

Machines in namespaces have addresses that nobody else can reach, 198.18.0.0/15 (RFC 2544: kept for benchmarks). What asks
there does so with a socket of the readers' namespace, which the deployment's door hands out (machines/door.py); so a packet
to such an address never leaves for the network that this computer is on. An address without a door is refused.
"""

from __future__ import annotations

import http.client
import ipaddress
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

RANGE = ipaddress.ip_network("198.18.0.0/15")
AT_ONCE = 16  # sockets that are fetched together: a fetch takes some 0.2 ms
LOCAL = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))  # what the system tells of connections (proc(5))
PATIENCE = 10.0  # seconds that the door may take


class Door:
    """The way into one network. Raises OSError where its deployment has ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pid = 0  # of the process behind the door, once it was asked
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._spare: list[socket.socket] = []

    def socket(self) -> socket.socket:
        """A TCP socket of the readers' namespace, not connected yet."""
        with self._lock:
            if not self._spare:
                self._fetch()
            return self._spare.pop()

    def _fetch(self) -> None:
        if self._connection is None:
            opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            opened.settimeout(PATIENCE)
            opened.connect(str(self.path))
            self._connection = opened
        self._connection.sendall(bytes([AT_ONCE]))
        word, handles, _, _ = socket.recv_fds(self._connection, 4, AT_ONCE)
        if not handles:
            self._hang_up()
            raise ConnectionError(f"{self.path} hands out no sockets any more: its deployment has ended")
        self.pid = int.from_bytes(word, "big")
        self._spare = [socket.socket(fileno=handle) for handle in handles]

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def close(self) -> None:
        """Let go of what is left: a socket keeps its namespace alive."""
        with self._lock:
            self._hang_up()
            while self._spare:
                self._spare.pop().close()


_doors: dict[str, Door] = {}
_lock = threading.Lock()


def network_of(host: str) -> str:
    """The network that an address of a machine lies in, as 198.18.3; empty for any other address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    return host.rpartition(".")[0] if address.version == 4 and address in RANGE else ""


def free_network() -> str:
    """A network that no deployment of this process has yet; it is held from now on, until `forget`."""
    with _lock:
        for number in range(512):
            network = f"198.{18 + number // 256}.{number % 256}"
            if network not in _doors:
                _doors[network] = Door(Path("/nonexistent"))
                return network
    raise OSError("this process has 512 networks already")


def admit(doors: Mapping[str, str]) -> None:
    """Let these networks be asked by their doors. Raises ConnectionRefusedError for a door that is not this user's own."""
    for network, path in doors.items():
        if not network_of(f"{network}.1") or Path(path).stat().st_uid != os.geteuid():
            raise ConnectionRefusedError(f"{path} is no door of a network that this run made")
        with _lock:
            _doors[network] = Door(Path(path))


def doors_of(url: str) -> dict[str, str]:
    """What another process needs to ask there too (`admit`); nothing for an address that needs no door."""
    network = network_of(urlsplit(url).hostname or "")
    return {network: str(_doors[network].path)} if network in _doors else {}


def tables(host: str) -> tuple[Path, ...]:
    """Where the system tells of the connections to this address, seen from those who ask (proc(5), /proc/net/tcp)."""
    network = network_of(host)
    if not network:
        return LOCAL
    _doors[network].socket().close()  # the number of its process comes with it
    return tuple(Path("/proc", str(_doors[network].pid), "net", table.name) for table in LOCAL)


def forget(networks: Mapping[str, str] | set[str]) -> None:
    """Ask these networks no more, and give their sockets back."""
    for network in networks:
        with _lock:
            door = _doors.pop(network, None)
        if door:
            door.close()


def admitted(host: str) -> bool:
    """Whether an address, or localhost, is this machine itself or one that this run made. No resolver is asked."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or network_of(host) in _doors
    except ValueError:
        return False


def open_socket(
    host: str, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM, protocol: int = 0
) -> socket.socket:
    """A socket that can be connected to this address: one of its network, where it is a machine's."""
    network = network_of(host)
    if not network:
        return socket.socket(family, kind, protocol)
    if network not in _doors:
        raise ConnectionRefusedError(f"{host} is no machine of a deployment that runs")
    return _doors[network].socket()


def connect(address: tuple[str, int], timeout: float | None = None) -> socket.socket:
    """socket.create_connection, into a deployment's network too. Raises OSError."""
    if not network_of(address[0]):
        return socket.create_connection(address, timeout)
    opened = open_socket(address[0])
    try:
        opened.settimeout(timeout)
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    return opened


class HTTPConnection(http.client.HTTPConnection):
    """http.client's, into a deployment's network too."""

    def connect(self) -> None:
        if not network_of(self.host):
            super().connect()
            return
        self.sock = connect((self.host, self.port), self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
