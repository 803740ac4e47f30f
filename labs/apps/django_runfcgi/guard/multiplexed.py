"""Several requests at a time on one connection, each in a thread.

What flup does wrong:

- where the front-end leaves, a request that waits for its body waits for ever, one that never started is waited for
  for ever, and both keep the connection's worker;
- it starts as many threads as are asked for;
- what a request's thread raises ends up on standard error as a traceback of Python's own.
"""

# ruff: noqa: N802, N815 - the names that flup looks for
from __future__ import annotations

import select
import threading
import time
from typing import Any

from flup.server import fcgi_base

from .connection import CLIENT_FAULTS, KeptConnection, tell
from .records import ProtocolError

LOOK_SECONDS = 1.0


class SharedBody(fcgi_base.MultiplexedInputStream):  # type: ignore[misc]
    """The body of one of several requests; it comes in another thread than the one that reads it."""

    broken = False

    def fail(self) -> None:
        """No more will come."""
        with self._lock:
            self.broken = True
            self._lock.notify_all()

    def _waitForData(self) -> None:
        if not self.broken:
            self._lock.wait()
        if self.broken:
            raise ProtocolError("the front-end left in the middle of a body, or gave it up")


class MultiplexedConnection(KeptConnection, fcgi_base.MultiplexedConnection):  # type: ignore[misc]
    """FastCGI, several requests at a time on a connection."""

    _inputStreamClass = SharedBody

    def run(self) -> None:
        """Serve the connection, and do not give its place away before its last thread has ended."""
        try:
            super().run()
        finally:
            self._let_go()

    def writeRecord(self, rec: Any) -> None:
        """Send a record whole, whichever thread it is from."""
        with self._lock:
            super().writeRecord(rec)

    def _wait(self) -> None:
        # Requests under way may take their time; one that has not started may not.
        while self._keepGoing and self._sock.fileno() >= 0:
            if select.select([self._sock], [], [], LOOK_SECONDS)[0]:
                return
            with self._lock:
                waiting = any(not request.started for request in self._requests.values())
            if waiting and time.monotonic() > self._deadline:
                raise TimeoutError("the variables of a request took too long")
        raise EOFError

    def _do_begin_request(self, record: Any) -> None:
        with self._lock:
            if record.requestId in self._requests:
                raise ProtocolError(f"request {record.requestId} begins a second time")
            super()._do_begin_request(record)

    def _do_abort_request(self, record: Any) -> None:
        with self._lock:
            request = self._requests.get(record.requestId)
            super()._do_abort_request(record)
            if request is not None:
                request.stdin.fail()

    def _start_request(self, req: Any) -> None:
        with self._lock:
            running = sum(request.started for request in self._requests.values())
        if running > self.server.capability[b"FCGI_MAX_REQS"]:
            req.started = False  # it has no thread, and nobody needs to wait for it
            self.end_request(req, 0, fcgi_base.FCGI_OVERLOADED)
        else:
            threading.Thread(target=self._work, args=(req,), daemon=True).start()

    def _work(self, request: Any) -> None:
        number = request.requestId
        try:
            request.run()
        except CLIENT_FAULTS as fault:
            tell(fault)
        finally:
            with self._lock:
                # Unless its number has been given to another meanwhile.
                if self._requests.get(number) is request:
                    del self._requests[number]
                self._lock.notify_all()

    def _let_go(self) -> None:
        with self._lock:
            for number, request in list(self._requests.items()):
                if request.started:
                    request.stdin.fail()
                else:
                    del self._requests[number]
            while self._requests:
                self._lock.wait()

    def _cleanupSocket(self) -> None:
        self._let_go()
        super()._cleanupSocket()
