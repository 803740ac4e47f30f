"""HTTP/1 by plain sockets: what http.client would mend or hide is seen here as it came."""

from __future__ import annotations

import json
import socket
import ssl
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from labs.clients import reach

BLOCK = 65_536
MOST = 64_000_000  # bytes that are read before an end must have been seen: what is asked for here has at most 5 MB


class WireError(Exception):
    """An answer that is none: cut off, or not HTTP."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP answer.

    interim  statuses of the answers that came before it, such as 100
    framing  how its end was told: "length", "chunked", "close", or "none" where an answer has no body
    rest     bytes after its end, on a connection that was read to its end; there must be none
    """

    version: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    interim: tuple[int, ...] = ()
    framing: str = "none"
    rest: bytes = b""

    def all(self, name: str) -> list[str]:
        """Every header of that name, in order, bytes read as Latin-1."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str:
        """The first header of that name; empty without one."""
        return next(iter(self.all(name)), "")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON. Raises WireError when it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise WireError(f"{self.status}, and {self.text[:60]!r} where JSON was wanted") from error


class Wire:
    """A connection to a server, with a deadline for everything that is done on it.

    Raises OSError when the server closes or is silent, WireError for what is not HTTP.
    """

    def __init__(self, host: str, port: int, *, tls: bool = False, timeout: float = 10.0, receive: int = 0) -> None:
        self.deadline = time.monotonic() + timeout
        self.socket: socket.socket = _connected(host, port, self.deadline, receive)
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls:
                self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=host)
        except OSError:
            self.socket.close()
            raise
        self.held = b""
        self.ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def _wait(self, most: float = 3600.0) -> None:
        left = min(self.deadline - time.monotonic(), most)
        if left <= 0:
            raise TimeoutError("it took too long")
        self.socket.settimeout(left)

    def send(self, data: bytes) -> None:
        """All of it. A server that has answered and closed may refuse the rest."""
        self._wait()
        self.socket.sendall(data)

    def more(self, most: float = 3600.0) -> bool:
        """Read what comes next into `held`; False at the end. Raises TimeoutError after `most` seconds."""
        self._wait(most)
        data = self.socket.recv(BLOCK)
        self.held += data
        if len(self.held) > MOST:
            raise WireError(f"more than {MOST:,} bytes, and no end")
        self.ended = not data
        return bool(data)

    def answer(self, method: str = "GET") -> Answer:
        """The next answer to a request of that method."""
        interim = []
        while True:
            version, status, reason, headers = self._head()
            if not 100 <= status < 200 or status == 101:
                break
            interim.append(status)
        answer = Answer(
            version=version, status=status, reason=reason, headers=headers, body=b"", interim=tuple(interim)
        )
        body, framing = self._body(answer, method)
        return Answer(**{**vars(answer), "body": body, "framing": framing})

    def to_the_end(self) -> bytes:
        """Whatever comes until the server closes."""
        while self.more():
            continue
        rest, self.held = self.held, b""
        return rest

    def _head(self) -> tuple[str, int, str, tuple[tuple[str, str], ...]]:
        while b"\r\n\r\n" not in self.held:
            if not self.more():
                raise WireError("closed without an answer" if not self.held else f"cut off: {self.held[:60]!r}")
        head, _, self.held = self.held.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, rest = first.partition(" ")
        status, _, reason = rest.partition(" ")
        if not version.startswith("HTTP/") or not (status.isascii() and status.isdigit()):
            raise WireError(f"not HTTP: {first[:60]!r}")
        pairs = (line.partition(":") for line in lines)
        return version, int(status), reason, tuple((name, value.strip(" \t")) for name, _, value in pairs)

    def _body(self, answer: Answer, method: str) -> tuple[bytes, str]:
        if method == "HEAD" or answer.status in (204, 304):
            return b"", "none"
        if "chunked" in answer.header("Transfer-Encoding").lower():
            return self._chunks(), "chunked"
        length = answer.header("Content-Length")
        if not length:
            return self.to_the_end(), "close"
        if not (length.isascii() and length.isdigit()):
            raise WireError(f"Content-Length is {length!r}")
        return self._exactly(int(length)), "length"

    def _exactly(self, size: int) -> bytes:
        parts, have = [self.held], len(self.held)
        while have < size:
            self.held = b""
            if not self.more():
                raise WireError(f"{have:,} bytes of {size:,} came")
            parts.append(self.held)
            have += len(self.held)
        whole = b"".join(parts)
        self.held = whole[size:]
        return whole[:size]

    def _line(self) -> bytes:
        while b"\r\n" not in self.held:
            if not self.more():
                raise WireError("cut off in a chunk")
        line, _, self.held = self.held.partition(b"\r\n")
        return line

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        while True:
            line = self._line()
            size = _hexadecimal(line.partition(b";")[0].strip())
            if size == 0:
                while self._line():  # trailers
                    continue
                return b"".join(parts)
            parts.append(self._exactly(size))
            self._line()


def _connected(host: str, port: int, deadline: float, receive: int) -> socket.socket:
    """To the first address of the host that takes it: localhost may be 127.0.0.1, ::1, or both with a server on one."""
    refused: OSError | None = None
    for family, kind, _, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = reach.open_socket(str(where[0]), family, kind)
        if receive:  # before connecting: the window is agreed then
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        try:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            connection.connect(where)
            return connection
        except OSError as error:
            connection.close()
            refused = error
    raise refused or OSError(f"{host} has no address")


def _hexadecimal(text: bytes) -> int:
    """The size of a chunk (RFC 9112, 7.1); int() would take a sign and underscores too."""
    if not text or text.strip(b"0123456789abcdefABCDEF"):
        raise WireError(f"the size of a chunk is {text[:20]!r}")
    return int(text, 16)
