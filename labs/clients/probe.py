"""Asking a server something: does it take connections, what does it answer."""

from __future__ import annotations

import http.client
import json
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from labs.clients import reach
from labs.servers.address import Endpoint


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP answer. seconds is the time from the connection to the last byte."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body read as JSON. Raises json.JSONDecodeError when it is none."""
        return json.loads(self.body)

    def __repr__(self) -> str:
        kind = self.header("Content-Type") or "no type"
        return f"{self.status} {http.client.responses.get(self.status, '')}, {len(self.body):,} bytes of {kind}"


def takes_connections(endpoint: Endpoint) -> bool:
    """Does somebody accept here?"""
    family = socket.AF_UNIX if endpoint.path else socket.AF_INET
    try:
        with reach.open_socket(endpoint.host, family) as client:
            client.settimeout(1)
            client.connect(endpoint.key)
    except OSError:
        return False
    return True


def get(url: str, *, headers: dict[str, str] | None = None, timeout: float = 30.0, method: str = "GET") -> Response:
    """One request on a connection of its own; redirects are answers, not followed.

    Raises OSError or http.client.HTTPException when there is no answer.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    started = time.perf_counter()
    connection = reach.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request(method, target, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        return Response(
            status=answer.status, headers=answer.getheaders(), body=body, seconds=time.perf_counter() - started
        )
    finally:
        connection.close()
