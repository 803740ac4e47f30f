"""One connection of a front-end, mended. What comes over it is held against the specification in `records`.

What flup does wrong on Python 3:

- a client that leaves early, or a record that breaks the protocol, raises out of the connection: a prefork child dies
  of it, a thread swallows it without a word;
- the application that reads the body then sees an EOFError, which Django takes for an error of its own;
- a request that the front-end gives up goes on as if nothing had been said;
- at a stop, a connection that the front-end keeps open holds its worker for ever, and so does at any time a front-end
  that sends half a request and then nothing;
- `maxRequests` counts connections, so that a front-end that keeps them never uses a child up;
- FCGI_GET_VALUES looks for bytes among str and never finds a value;
- an answer that the application breaks off is ended like any other, so that a visitor takes the half for the whole;
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

from flup.server import fcgi_base

from . import records
from .records import ProtocolError

if TYPE_CHECKING:
    from .build import Guarded

LINGER_SECONDS = 2.0
NO_VERSION = 0
# What a client can cause: it left (OSError), or sent what makes no sense.
CLIENT_FAULTS = (OSError, EOFError, struct.error, IndexError, KeyError, ValueError)
HANDLERS = {
    fcgi_base.FCGI_BEGIN_REQUEST: "_do_begin_request",
    fcgi_base.FCGI_ABORT_REQUEST: "_do_abort_request",
    fcgi_base.FCGI_PARAMS: "_do_params",
    fcgi_base.FCGI_STDIN: "_do_stdin",
    fcgi_base.FCGI_DATA: "_do_data",
    fcgi_base.FCGI_GET_VALUES: "_do_get_values",
}


def tell(fault: BaseException) -> None:
    """One line in the log: a visitor who leaves is not an error of the site."""
    print(f"runfcgi: a connection ended early: {type(fault).__name__}: {fault}", file=sys.stderr, flush=True)


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
            tell(fault)
        finally:
            self._sock.close()


class Waiting(Patient):
    """Mixed into those that may carry many requests one after the other."""

    _keepGoing = True
    _fresh = True  # nothing has come on this connection yet
    _deadline = math.inf  # for the head of the request that is coming

    def _comes(self) -> bool:
        """Wait for the next record. False where the server stops before: a request that has come is still answered.

        So is the first one of a connection that was just accepted. It is on its way, and the front-end, which took the
        connection for a promise, has nobody else to send it to. It gets HEAD_SECONDS for that.
        """
        watched: list[Any] = [self._sock, self.server.stop_descriptor]
        end = time.monotonic() + records.HEAD_SECONDS if self._fresh else math.inf
        # The limit of 1 s is for multiplexed connections, where the thread of a request may close the socket.
        while self._keepGoing and self._sock.fileno() >= 0:
            ready, _, _ = select.select(watched, [], [], min(1.0, max(0.0, end - time.monotonic())))
            if self._sock in ready:
                self._fresh = False
                self._deadline = time.monotonic() + records.HEAD_SECONDS
                return True
            if ready and self._fresh:
                watched, end = [self._sock], min(end, time.monotonic() + LINGER_SECONDS)
            elif ready or time.monotonic() >= end:
                return False
        raise EOFError


class Request(fcgi_base.Request):  # type: ignore[misc]
    """A request, and what is known of it before it runs."""

    started = False
    early = 0  # bytes of its body that came before it ran
    broken = False  # the application has failed in the middle of its answer

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.head = bytearray()

    def _flush(self) -> None:
        # A stream that is closed says that all has come; what was written is on its way already.
        if not self.broken:
            super()._flush()

    def _end(self, *args: Any, **kwargs: Any) -> None:
        if self.broken:
            self._conn.break_off(self)
        else:
            super()._end(*args, **kwargs)


class Body(fcgi_base.InputStream):  # type: ignore[misc]
    """The body of a request, for the application that reads it."""

    def _waitForData(self) -> None:
        try:
            self._conn.process_input()
        except EOFError as end:
            raise ProtocolError("the front-end left in the middle of a body") from end
        if self._conn.given_up:
            raise ConnectionAbortedError("the front-end gave the request up")


class KeptConnection(Waiting):
    """A FastCGI connection, which may carry many requests one after the other."""

    given_up = False
    _lost = False  # there is nobody left to speak to, or nothing that would be understood
    _stray = 0  # records in a row that belong to no request
    _hurried = True  # the socket's own limit is that of a head

    def run(self) -> None:
        """Serve the connection to its end."""
        records.limit(self._sock, records.SILENCE_SECONDS, sending=True)
        super().run()

    def writeRecord(self, rec: Any) -> None:
        """Send a record. flup takes three calls for it, and so three packets."""
        records.write(self._sock, rec)

    def process_input(self) -> None:
        """Take the next record; between requests, end when the server stops. Raises what ends the connection."""
        if not self._requests and not self._comes():
            # Nothing is under way, so there is nothing to wait for.
            self._sock.close()
            raise EOFError
        self._wait()
        if not self._keepGoing:
            raise EOFError
        try:
            self._take(records.read(self._sock, self._until()))
        except CLIENT_FAULTS:
            # Whoever catches this, the application perhaps: the place of the next record is lost.
            self._keepGoing, self._lost = False, True
            raise

    def _until(self) -> float:
        """When the next record must be there: while a head is coming by its deadline, else whenever something moves."""
        if not self._requests or not all(request.started for request in list(self._requests.values())):
            self._hurried = True
            return self._deadline
        if self._hurried:
            self._hurried = False
            records.limit(self._sock, records.SILENCE_SECONDS)
        return math.inf

    def _wait(self) -> None:
        """Wait for more of a request; by default the socket itself does."""

    def _take(self, record: Any) -> None:
        begins = record.type == fcgi_base.FCGI_BEGIN_REQUEST
        self._stray = 0 if begins or record.requestId in self._requests else self._stray + 1
        if self._stray > records.MOST_STRAY:
            raise ProtocolError(f"{self._stray} records that belong to no request")
        if name := HANDLERS.get(record.type):
            getattr(self, name)(record)
        elif record.requestId == fcgi_base.FCGI_NULL_REQUEST_ID:
            self._do_unknown_type(record)  # type: ignore[attr-defined]

    def _do_begin_request(self, record: Any) -> None:
        if record.contentLength != records.BEGIN_LENGTH or not record.requestId:
            raise ProtocolError(f"a request {record.requestId} that begins with {record.contentLength} bytes")
        if not self._requests:
            self.given_up = False
        elif all(request.started for request in list(self._requests.values())):
            # Where none runs, the deadline has been there since the first byte.
            self._deadline = time.monotonic() + records.HEAD_SECONDS
        super()._do_begin_request(record)  # type: ignore[misc]

    def _do_params(self, record: Any) -> None:
        request = self._requests.get(record.requestId)
        if request is None:
            return
        if request.started:
            raise ProtocolError("variables for a request that runs already")
        request.head += record.contentData
        if len(request.head) > records.MOST_HEAD:
            raise ProtocolError(f"more than {records.MOST_HEAD} bytes of variables")
        if not record.contentLength:
            request.params.update(records.pairs(bytes(request.head)))
            request.started, request.head = True, bytearray()
            self._start_request(request)  # type: ignore[attr-defined]

    def _do_stdin(self, record: Any) -> None:
        request = self._requests.get(record.requestId)
        if request is None:
            return
        if not request.started:
            request.early += record.contentLength
        if request.early > records.MOST_HEAD or (record.contentLength and request.stdin._eof):
            raise ProtocolError("a body before its request, or after its own end")
        super()._do_stdin(record)  # type: ignore[misc]

    def _do_data(self, record: Any) -> None:
        # For the role of a filter, which is not played here: nobody would read it.
        pass

    def _do_abort_request(self, record: Any) -> None:
        request = self._requests.get(record.requestId)
        if request is None:
            return
        self.given_up = True
        if not request.started:
            self.end_request(request)

    def _do_get_values(self, record: Any) -> None:
        for _ in records.pairs(record.contentData):
            pass  # flup reads them itself, and believes every length
        super()._do_get_values(record)  # type: ignore[misc]

    def end_request(self, req: Any, *args: Any, **kwargs: Any) -> None:
        """End the request; let go of the connection when the server stops or this child is used up."""
        if self.server.count_request() or self.server.stopping:
            req.flags &= ~fcgi_base.FCGI_KEEP_CONN
        super().end_request(req, *args, **kwargs)  # type: ignore[misc]

    def break_off(self, req: Any) -> None:
        """Let the front-end see that an answer failed. FastCGI has no word for it, and nginx takes a mere close for the end:
        a record of a version that there is not is refused by each."""
        record = fcgi_base.Record(fcgi_base.FCGI_STDOUT, req.requestId)
        record.version = NO_VERSION
        del self._requests[req.requestId]
        self._keepGoing = False
        try:
            self.writeRecord(record)
        finally:
            self.server.count_request()
            self._cleanupSocket()

    def _cleanupSocket(self) -> None:
        # Close our side, then read until the front-end has closed its own: a close with unread data in the queue
        # would be a reset, which can destroy the end of the answer. flup does the same, without a limit.
        end = time.monotonic() + LINGER_SECONDS
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
            self._sock.settimeout(LINGER_SECONDS)
            while not self._lost and self._sock.recv(65536) and time.monotonic() < end:
                pass
        self._sock.close()


class FastCGIConnection(KeptConnection, fcgi_base.Connection):  # type: ignore[misc]
    """FastCGI, one request at a time on a connection."""

    _inputStreamClass = Body


def error_page(failure: BaseException, *, debug: bool) -> bytes:
    """The answer when the application raised into flup. flup's own page needs cgitb, which Python 3.13 lacks."""
    text = "The application failed. The log of errors has the traceback."
    if debug:
        text = "".join(traceback.format_exception(failure))
    page = f"<!DOCTYPE html><title>500 Internal Server Error</title><h1>Internal Server Error</h1><pre>{html.escape(text)}</pre>\n"
    return b"Status: 500 Internal Server Error\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
