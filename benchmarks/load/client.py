"""Locust's HTTP client, held to what a browser would do, with every connection counted."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlsplit
from weakref import WeakSet

from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.connectionpool import ConnectionPool

from labs.clients import reach

if TYPE_CHECKING:
    from geventhttpclient.url import URL


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine itself, without asking a resolver."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_here(url: str) -> bool:
    """Whether a URL leads to this machine itself, or to a machine in a namespace that this run made, by its door."""
    return is_loopback(url) or reach.admitted(urlsplit(url).hostname or "")


class Connections(ConnectionPool):
    """Sends a request again only where a kept connection turned out to be closed, once, as browsers do.

    The library tries `size` + 2 times, on new connections too, so that a server which accepts and closes would look
    merely slow. Here such a server is a failure.
    """

    opened: list[int]
    living: ClassVar[WeakSet[Any]] = WeakSet()  # sockets of every user, in use or not

    @property
    def size(self) -> int:  # type: ignore[override]
        """What the library derives its number of attempts from: one less than this is what it retries."""
        return -1 if self._socket_queue.empty() else 0

    def _resolve(self) -> Any:
        """An address needs no look-up, which would cost a thread's turn for each new connection."""
        try:
            address = ipaddress.ip_address(self._connection_host)
        except ValueError:
            return super()._resolve()
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (self._connection_host, self._connection_port))]

    def _create_tcp_socket(self, family: int, socktype: int, protocol: int) -> Any:
        """In the network that the address lies in."""
        return reach.open_socket(self._connection_host, family, socktype, protocol)

    def after_connect(self, sock: Any) -> None:
        """Count a connection."""
        self.opened[0] += 1
        self.living.add(sock)


def hang_up_all() -> None:
    """Close every connection, those of users who were stopped in the middle of a request too: no pool knows these."""
    for sock in list(Connections.living):
        sock.close()
    Connections.living.clear()


class Clients(HTTPClientPool):
    """One user's connections; `opened[0]` counts them, and may be shared by all users of a trial."""

    def __init__(self, opened: list[int], remote: bool, **options: Any) -> None:
        super().__init__(**options)
        self.opened, self.remote = opened, remote

    def get_client(self, url: str | URL) -> HTTPClient:
        """The client for one host and port."""
        known = len(self.clients)
        client = super().get_client(url)
        if len(self.clients) > known:
            if not self.remote and not is_here(str(url)):
                raise ConnectionRefusedError(
                    f"{url} is not on this machine; load is sent to loopback addresses, and to machines of this run, only"
                )
            pool = client._connection_pool
            pool.__class__ = Connections  # the client makes its own pool and takes no other
            cast("Connections", pool).opened = self.opened
        return client
