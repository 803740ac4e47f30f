"""Going to the background, so that the command returns only once the server listens, or says why it does not."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import RunfcgiError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Streams:
    """Where standard output and standard error go; None leaves them in the foreground, drops them in the background."""

    outlog: Path | None
    errlog: Path | None

    def open(self) -> tuple[int | None, int | None]:
        """Open both files for appending. Raises UsageError for one that cannot be written."""
        return _append("outlog", self.outlog), _append("errlog", self.errlog)


def _append(name: str, path: Path | None) -> int | None:
    if path is None:
        return None
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError as error:
        raise UsageError(f"Cannot write {name}={path}: {error.strerror}.") from error


def redirect(streams: Streams, *, background: bool) -> None:
    """Send standard output and error to the logs; in the background also let go of the terminal."""
    out, err = streams.open()
    sys.stdout.flush()
    sys.stderr.flush()
    if background:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        out, err = (nothing if out is None else out), (nothing if err is None else err)
    for descriptor, target in ((out, 1), (err, 2)):
        if descriptor is not None:
            os.dup2(descriptor, target)
    for opened in {out, err} - {None}:
        os.close(int(opened or 0))


def background(work: Callable[[Callable[[], None]], int], *, workdir: Path, umask: int, streams: Streams) -> int:
    """Run `work` in a process of its own, without a terminal, and return here when it is ready.

    `work` gets a function to call once it serves. The calling process returns 0 then. If `work` raises RunfcgiError
    before that, the same error is raised here, in front of the user; if it dies, RunfcgiError says so.
    """
    if not workdir.is_dir():
        raise UsageError(f"workdir={workdir} is not a folder.")
    receive, send = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    if child := os.fork():
        os.close(send)
        os.waitpid(child, 0)
        with os.fdopen(receive, "r") as pipe:
            return _outcome(pipe.read(), streams)
    # The middle process ends at once, so that the server is nobody's child and can never get a terminal again.
    os.close(receive)
    os.setsid()
    if os.fork():
        os._exit(0)
    return _serve(work, send, workdir=workdir, umask=umask, streams=streams)


def _outcome(message: str, streams: Streams) -> int:
    if message == "ready":
        return 0
    status, _, line = message.partition(" ")
    if status == str(UsageError.status):
        raise UsageError(line)
    hint = f"See {streams.errlog}." if streams.errlog else "Try daemonize=false to see why."
    raise RunfcgiError(line or f"The server ended before it was ready. {hint}")


def _serve(work: Callable[[Callable[[], None]], int], send: int, *, workdir: Path, umask: int, streams: Streams) -> int:
    def ready() -> None:
        os.write(send, b"ready")
        os.close(send)

    try:
        os.chdir(workdir)
        os.umask(umask)
        redirect(streams, background=True)
        return work(ready)
    except RunfcgiError as error:
        os.write(send, f"{error.status} {error}".encode())
        raise
