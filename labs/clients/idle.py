"""Readers who have had their page and now read it: connections that are open and say nothing."""

from __future__ import annotations

import http.client
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from labs.clients import reach


class IdleReaders:
    """Open some connections, ask for one page on each, then keep quiet for as long as the block lasts.

    with site.idle_readers(10):
        site.get("/")
    """

    def __init__(self, url: str, number: int, path: str = "/hello/") -> None:
        self.url, self.number, self.path = urlsplit(url), number, path
        self.connections: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Self:
        for _ in range(self.number):
            connection = reach.HTTPConnection(self.url.hostname or "", self.url.port, timeout=30)
            self.connections.append(connection)
            connection.request("GET", self.path)
            connection.getresponse().read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self.connections:
            connection.close()

    @property
    def held(self) -> int:
        """How many of the connections the server has promised to keep."""
        return sum(connection.sock is not None for connection in self.connections)
