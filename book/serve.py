"""Serve the built site to this machine alone."""

from __future__ import annotations

import errno
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PORTS = (*range(8000, 8010), 0)  # the last: whatever is free


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, logs nothing, and lets a rebuilt page be seen at once."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: a reader waits for a page, not for a log."""

    def end_headers(self) -> None:
        """Ask the browser to check for a newer page each time."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def server(folder: Path, ports: tuple[int, ...] = PORTS) -> ThreadingHTTPServer:
    """A server of `folder` on the first free of `ports`, on the loopback address; `serve_forever()` starts it."""
    for port in ports:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(folder)))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"none of the ports {ports} is free")
