"""Put together the server of one protocol and one method."""

# ruff: noqa: N802, N815 - the names that flup looks for
from __future__ import annotations

import logging
import select
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flup.server import fcgi_base

from .address import path_of
from .connection import FastCGIConnection, Request, error_page, tell
from .multiplexed import MultiplexedConnection
from .others import AJPConnection, SCGIConnection, SCGIRequest
from .prefork import GuardedPrefork
from .threads import GuardedThreads

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from ..options import Options

MODULES = {
    ("fcgi", "prefork"): "fcgi_fork",
    ("fcgi", "threaded"): "fcgi",
    ("scgi", "prefork"): "scgi_fork",
    ("scgi", "threaded"): "scgi",
    ("ajp", "prefork"): "ajp_fork",
    ("ajp", "threaded"): "ajp",
}
CONNECTIONS = {"fcgi": FastCGIConnection, "scgi": SCGIConnection, "ajp": AJPConnection}


class Guarded:
    """Mixed into every flup server: uses a socket that listens already, and answers for the application's failures."""

    listener: socket.socket
    withdraw: Callable[[], None]  # called once the server is told to stop, before requests under way are finished
    capability: dict[bytes, int]
    request_class: type[Request]
    requestClass: type[SCGIRequest]
    _jobClass: type[Any]
    stop_descriptor: int
    debug: bool

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)

    def run(self) -> bool:
        """Serve until a signal; True if it was SIGHUP."""
        return bool(super().run())  # type: ignore[misc]

    @property
    def stopping(self) -> bool:
        """Whether the server is to stop, as seen by this thread or child."""
        return bool(select.select([self.stop_descriptor], [], [], 0)[0])

    def count_request(self) -> bool:
        """Count one answer; True when this child is used up."""
        raise NotImplementedError

    def _setupSocket(self) -> socket.socket:
        return self.listener

    def _spawnChild(self, sock: socket.socket) -> bool:
        return bool(super()._spawnChild(sock))  # type: ignore[misc]

    def _child(self, sock: socket.socket, parent: socket.socket) -> None:
        super()._child(sock, parent)  # type: ignore[misc]

    def _reapChildren(self) -> None:
        super()._reapChildren()  # type: ignore[misc]

    def _cleanupSocket(self, sock: socket.socket) -> None:
        super()._cleanupSocket(sock)  # type: ignore[misc]

    def _sanitizeEnv(self, environ: dict[str, Any]) -> None:
        said = environ.get("PATH_INFO")
        if not said:
            environ["PATH_INFO"] = "/"  # so that flup, which would cut it out of REQUEST_URI, leaves it
        super()._sanitizeEnv(environ)  # type: ignore[misc]
        if not said:
            environ["PATH_INFO"] = path_of(environ)
        # Front-ends send both a second time among the headers; WSGI has no such keys, and wsgiref.validate refuses them.
        environ.pop("HTTP_CONTENT_TYPE", None)
        environ.pop("HTTP_CONTENT_LENGTH", None)

    def handler(self, req: Any) -> Any:
        """Answer a request. One that fails midway is broken off, unless others share its connection."""
        try:
            return super().handler(req)  # type: ignore[misc]
        except BaseException:
            req.broken = self._jobClass is FastCGIConnection and req.stdout.dataWritten
            raise

    def error(self, request: Any) -> None:
        """Answer 500 for what the application raised into flup. AJP has its own way to answer."""
        failure = sys.exc_info()[1]
        if failure is not None and hasattr(request, "stdout"):
            if isinstance(failure, ConnectionError):
                tell(failure)
            elif isinstance(request, fcgi_base.Request):
                # flup tells the front-end alone, by the stream for errors. SCGI has none, and flup logs there.
                traceback.print_exception(failure)
            request.stdout.write(error_page(failure, debug=self.debug))
        else:
            super().error(request)  # type: ignore[misc]


def build(
    application: Any,
    options: Options,
    listener: socket.socket,
    address: Any,
    withdraw: Callable[[], None] = lambda: None,
) -> Guarded:
    """The server for `options`, on a socket that listens. `run()` serves until a signal stops it, and then withdraws."""
    base = import_module(f"flup.server.{MODULES[options.protocol, options.method]}").WSGIServer
    pool: dict[str, int] = {"minSpare": options.minspare, "maxSpare": options.maxspare}
    if options.method == "prefork":
        pool |= {"maxChildren": options.maxchildren, "maxRequests": options.maxrequests}
        guard: type[Guarded] = GuardedPrefork
    else:
        pool |= {"maxThreads": options.maxchildren}
        guard = GuardedThreads
    extra: dict[str, Any] = {}
    if options.protocol == "fcgi":
        extra["multiplexed"] = options.multiplexed
    else:
        # Otherwise a line a request on standard error.
        extra["loggingLevel"] = logging.WARNING
    server: Guarded = type("Server", (guard, Guarded, base), {})(
        application, bindAddress=address, debug=options.debug, **extra, **pool
    )
    server.listener, server.withdraw = listener, withdraw
    server._jobClass = MultiplexedConnection if options.multiplexed else CONNECTIONS[options.protocol]
    if options.protocol == "fcgi":
        server.request_class = Request
        # The specification's section 4.1: what a front-end may ask. flup keeps str, and is asked in bytes.
        server.capability = {
            b"FCGI_MAX_CONNS": options.maxchildren,
            b"FCGI_MAX_REQS": options.maxchildren,
            b"FCGI_MPXS_CONNS": int(options.multiplexed),
        }
    elif options.protocol == "scgi":
        server.requestClass = SCGIRequest
    return server
