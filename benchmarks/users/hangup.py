"""Browsers close a kept connection as soon as the server does; a client library notices only when it asks again.

It matters: a client that leaves the closing to itself holds an Apache worker for two seconds more, in what Apache calls a
lingering close, and would make Keep-Alive look worse than it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent  # type: ignore[import-untyped]
from gevent import select

if TYPE_CHECKING:
    from locust import FastHttpUser

LONGEST = 120.0  # seconds after which nobody waits any more for a server to close


def idle(user: FastHttpUser) -> list[Any]:
    """The sockets of this user that wait for a next request."""
    pools = [client._connection_pool for client in user.client.client.clientpool.clients.values()]
    return [
        sock for pool in pools for sock in list(pool._socket_queue.queue) if sock is not None and sock.fileno() >= 0
    ]


def hang_up(user: FastHttpUser) -> Any:
    """Close each idle connection when the server does. Gives the greenlet, to be killed before the next request."""

    def watch() -> None:
        while sockets := idle(user):
            closed, _, _ = select.select(sockets, [], [], LONGEST)
            if not closed:
                return
            for sock in closed:
                sock.close()  # the pool sees a closed socket and takes the next

    return gevent.spawn(watch)
