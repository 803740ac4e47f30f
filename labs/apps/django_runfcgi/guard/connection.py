"""One connection of a front-end, mended.

What flup's does wrong on Python 3:

- a client that leaves early, or a record that breaks the protocol, raises out of the connection: a prefork child dies
  of it, a thread swallows it without a word;
- at a stop, a connection that the front-end keeps open holds its worker for ever;
- `maxRequests` counts connections, so that a front-end that keeps them never uses a child up;
- FCGI_GET_VALUES looks for bytes among str and never finds a value;
- after the answer it waits without limit for the front-end to close.
"""

# ruff: noqa: N802, N815 - the names that flup looks for
from __future__ import annotations

import html
import math
import select
import socket
import struct
import sys
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flup.server import ajp_base, fcgi_base, scgi_base

if TYPE_CHECKING:
    from .build import Guarded

LINGER_SECONDS = 2.0
# What a client can cause: it left (OSError), or sent records that make no sense.
CLIENT_FAULTS = (OSError, EOFError, struct.error, IndexError, KeyError, ValueError)


class Patient:
    """Mixed into flup's connection classes."""

    server: Guarded
    _keepGoing: bool
    _sock: socket.socket
    _requests: dict[int, Any]

    def run(self) -> None:
        """Serve the connection to its end. Never raises for what its client does."""
        try:
            super().run()  # type: ignore[misc]
        except CLIENT_FAULTS as fault:
            # One line: a visitor who leaves is not an error of the site.
            print(f"runfcgi: a connection ended early: {type(fault).__name__}: {fault}", file=sys.stderr, flush=True)
        finally:
            self._sock.close()


class KeptConnection(Patient):
    """A FastCGI connection, which may carry many requests one after the other."""

    _fresh = True  # nothing has come on this connection yet

    def process_input(self) -> None:
        """Take the next record; between requests, end when the server stops."""
        if not self._requests and not self._comes():
            # Nothing is under way, so there is nothing to wait for.
            self._sock.close()
            raise EOFError
        super().process_input()  # type: ignore[misc]

    def _comes(self) -> bool:
        """Wait for the next record. False where the server stops before: a request that has come is still answered.

        So is the first one of a connection that was just accepted. It is on its way, and the front-end, which took the
        connection for a promise, has nobody else to send it to.
        """
        watched: list[Any] = [self._sock, self.server.stop_descriptor]
        end = math.inf
        # The limit of 1 s is for multiplexed connections, where the thread of a request may close the socket.
        while self._keepGoing and self._sock.fileno() >= 0:
            ready, _, _ = select.select(watched, [], [], min(1.0, max(0.0, end - time.monotonic())))
            if self._sock in ready:
                self._fresh = False
                return True
            if ready and self._fresh:
                watched, end = [self._sock], time.monotonic() + LINGER_SECONDS
            elif ready or time.monotonic() >= end:
                return False
        raise EOFError

    def end_request(self, req: Any, *args: Any, **kwargs: Any) -> None:
        """End the request; let go of the connection when the server stops or this child is used up."""
        if self.server.count_request() or self.server.stopping:
            req.flags &= ~fcgi_base.FCGI_KEEP_CONN
        super().end_request(req, *args, **kwargs)  # type: ignore[misc]

    def _cleanupSocket(self) -> None:
        # Close our side, then read until the front-end has closed its own: a close with unread data in the queue
        # would be a reset, which can destroy the end of the answer. flup does the same, without a limit.
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
            self._sock.settimeout(LINGER_SECONDS)
            while self._sock.recv(65536):
                pass
        self._sock.close()


class FastCGIConnection(KeptConnection, fcgi_base.Connection):  # type: ignore[misc]
    """FastCGI, one request at a time on a connection."""


class MultiplexedConnection(KeptConnection, fcgi_base.MultiplexedConnection):  # type: ignore[misc]
    """FastCGI, several requests at a time on a connection."""

    def _cleanupSocket(self) -> None:
        with self._lock:
            while self._requests:
                self._lock.wait()
        super()._cleanupSocket()


class SCGIConnection(Patient, scgi_base.Connection):  # type: ignore[misc]
    """SCGI: one request, then the end."""


class AJPConnection(Patient, ajp_base.Connection):  # type: ignore[misc]
    """AJP 1.3."""


def error_page(failure: BaseException, *, debug: bool) -> bytes:
    """The answer when the application raised into flup. flup's own page needs cgitb, which Python 3.13 lacks."""
    text = "The application failed. The log of errors has the traceback."
    if debug:
        text = "".join(traceback.format_exception(failure))
    page = f"<!DOCTYPE html><title>500 Internal Server Error</title><h1>Internal Server Error</h1><pre>{html.escape(text)}</pre>\n"
    return b"Status: 500 Internal Server Error\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
