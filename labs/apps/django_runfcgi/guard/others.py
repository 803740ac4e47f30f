"""The two other protocols that flup speaks, SCGI and AJP, mended.

What flup does wrong:

- it waits without limit for the rest of a head or of a packet, for a body, and for somebody to take its answer;
- an SCGI head may be as large as its sender likes, and memory for all of it is asked for as soon as its length has come;
- the body of an SCGI request that has none is text, where WSGI wants bytes;
- an AJP front-end that keeps its connection holds its worker at a stop; one that leaves in the middle of a body is an
  error of the site's;
- what a client does wrong ends up in the log as a traceback.
"""

# ruff: noqa: N802 - the names that flup looks for
from __future__ import annotations

import math
import select
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flup.server import ajp_base, scgi_base

from . import records
from .connection import CLIENT_FAULTS, Patient, Waiting, tell
from .records import ProtocolError

if TYPE_CHECKING:
    import socket

FAULTS = (*CLIENT_FAULTS, scgi_base.ProtocolError, ajp_base.ProtocolError)
BLOCK = 65536


class Timed:
    """A socket for flup, which waits by itself: no wait is longer than SILENCE_SECONDS, and no head later than its deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._deadline = math.inf
        self._room: float = math.inf

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def expect(self, seconds: float, most: float) -> None:
        """What comes next must be there in so many seconds, and have no more than `most` bytes."""
        self._deadline, self._room = time.monotonic() + seconds, most

    @property
    def late(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self._deadline

    def recv(self, length: int) -> bytes:
        """Some of it. Raises TimeoutError at the deadline, ProtocolError where it is too much."""
        self._sock.settimeout(min(records.SILENCE_SECONDS, records.remaining(self._deadline)))
        data = self._sock.recv(min(length, BLOCK))
        self._room -= len(data)
        if self._room < 0:
            raise ProtocolError("a head that is too large")
        return data

    def send(self, data: bytes) -> int:
        """As much as is taken. Raises TimeoutError where nothing is."""
        self._sock.settimeout(records.SILENCE_SECONDS)
        return self._sock.send(data)

    def setblocking(self, _flag: object) -> None:
        """flup has read the head: for the body and the answer only silence counts."""
        self._sock.settimeout(records.SILENCE_SECONDS)


class SCGIRequest(scgi_base.Request):  # type: ignore[misc]
    """A request whose body is bytes, even where there is none."""

    def __init__(self, conn: Any, environ: dict[str, str], body: Any, output: Any) -> None:
        empty = not int(environ["CONTENT_LENGTH"])
        super().__init__(conn, environ, BytesIO() if empty else body, output)


class SCGIConnection(Patient, scgi_base.Connection):  # type: ignore[misc]
    """SCGI: one request, then the end."""

    def run(self) -> None:
        """Serve the one request."""
        # The port was tried, or a stop came: EOFError is nothing to tell of. flup's own `run` would log the rest whole.
        self._sock: Any = Timed(self._sock)
        self._sock.expect(records.HEAD_SECONDS, records.MOST_HEAD)
        try:
            self.processInput()
        except EOFError:
            pass
        except FAULTS as fault:
            tell(fault)
        finally:
            self._sock.close()


class AJPConnection(Waiting, ajp_base.Connection):  # type: ignore[misc]
    """AJP 1.3: requests one after the other, each a packet, its body in further ones."""

    def run(self) -> None:
        """Serve the connection to its end."""
        self._sock: Any = Timed(self._sock)
        try:
            while self._keepGoing:
                self.processInput()
        except EOFError:
            pass
        except FAULTS as fault:
            tell(fault)
        finally:
            self._sock.close()

    def processInput(self) -> None:
        """Take the next packet: a request, or a piece of the body of the one that runs."""
        if self._request is None:
            if not self._comes():
                raise EOFError
            self._packet()
            return
        try:
            if not select.select([self._sock], [], [], records.SILENCE_SECONDS)[0]:
                raise TimeoutError("a body that does not come")
            self._packet()
        except FAULTS as fault:
            # Whoever catches this, the application perhaps: the place of the next packet is lost.
            self._keepGoing = False
            if isinstance(fault, EOFError):
                raise ProtocolError("the front-end left in the middle of a body") from fault
            raise

    def _packet(self) -> None:
        # A packet says its length in two bytes, and is sent in one go.
        self._sock.expect(records.HEAD_SECONDS, math.inf)
        try:
            super().processInput()
        except EOFError as end:  # flup's word for every failure of a socket
            if self._sock.late:
                raise TimeoutError("a packet took too long") from end
            raise
