"""What the process that serves refuses by itself: a connection to anybody but the run's own servers, and, where the system has
no better guard, a write outside the run's folder.

Both are audit hooks of Python (sys.addaudithook): they see what Python code opens, not what a library of C does by itself, nor
another program. Where they are the only guard against writes, no other program may be started.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .databases import file_of
from .places import Places, within

# Events, and which of their arguments are paths; then where the handle of a folder is that these are relative to
PATHS = {
    "os.mkdir": ((0,), 2),
    "os.remove": ((0,), 1),
    "os.rmdir": ((0,), 1),
    "os.truncate": ((0,), None),
    "os.utime": ((0,), 3),
    "os.chmod": ((0,), 2),
    "os.chown": ((0,), 3),
    "os.chflags": ((0,), None),
    "os.setxattr": ((0,), None),
    "os.removexattr": ((0,), None),
    "os.rename": ((0, 1), 2),
    "os.link": ((1,), 3),
    "os.symlink": ((1,), 2),
}
PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEVICES = ("/dev", "/proc/self")
WAL = ("", "-wal", "-shm", "-journal")


class Writes:
    """Decides whether a path may be written."""

    def __init__(self, places: Places, environ: Mapping[str, str]) -> None:
        own = [str(places.around), environ.get("PYTHONPYCACHEPREFIX", ""), environ.get("TMPDIR", "")]
        self.folders = [os.path.realpath(path) for path in own if path]
        # The run's own sockets may lie in a short folder elsewhere; then databases that the reader has allowed, with what SQLite
        # keeps beside them
        self.files = {os.path.realpath(each) for each in places.reach if each.startswith("/")}

    def allow(self, database: str) -> None:
        """Let one of the reader's own databases be written."""
        self.files |= {os.path.realpath(database + end) for end in WAL}

    def may(self, path: Any) -> bool:
        """Links are followed to where the bytes would go."""
        text = os.fsdecode(path)
        real = os.path.realpath(text)
        return real in self.files or any(within(real, folder) for folder in (*self.folders, *DEVICES))

    def check(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise PermissionError, with the path, for an event that would write where it may not."""
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, (str, bytes)) and flags & WRITING and not self.may(path):
                self.refuse(path)
        elif event in PATHS:
            indexes, handle = PATHS[event]
            folder = arguments[handle] if handle is not None and len(arguments) > handle else -1
            for index in indexes:
                path = arguments[index]
                if isinstance(path, int):
                    path = f"/proc/self/fd/{path}"
                elif isinstance(folder, int) and folder >= 0 and not os.path.isabs(path):
                    path = os.path.join(f"/proc/self/fd/{folder}", os.fsdecode(path))
                if not self.may(path):
                    self.refuse(path)
        elif event == "sqlite3.connect":
            database = arguments[0]
            file = file_of(database) if isinstance(database, (str, bytes, os.PathLike)) else None
            if file and not self.reads(os.fsdecode(database)) and not self.may(file):
                self.refuse(file)
        elif event in PROGRAMS:
            raise PermissionError(
                errno.EACCES,
                "labs: another program is not started here, since it could write into your project (guard: audit hook)",
                str(arguments[0]),
            )

    def reads(self, database: str) -> bool:
        """Whether a database is opened for reading alone."""
        return database.startswith("file:") and dict(parse_qsl(urlsplit(database).query)).get("mode") == "ro"

    def refuse(self, path: Any) -> None:
        """Name what is not written."""
        raise PermissionError(
            errno.EACCES,
            "labs: not written, since it lies outside the run's folder (guard: audit hook)",
            os.fsdecode(path),
        )


def refuse_writes(places: Places, environ: Mapping[str, str]) -> None:
    """From now on, whatever Python code writes outside the run's folder raises PermissionError with its name."""
    writes = Writes(places, environ)
    for file in places.files:
        writes.allow(file)
    watched = {"open", "sqlite3.connect", *PATHS, *PROGRAMS}

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in watched:
            writes.check(event, arguments)

    sys.addaudithook(hook)


def refuse_connections(places: Places, allowed: set[tuple[str, int]]) -> None:
    """From now on Python code reaches the run's own servers, the sockets in its folder and what is allowed, and nobody else."""
    servers = {each.rpartition(":")[::2] for each in places.reach if not each.startswith("/")}
    known = {(host, int(port)) for host, port in servers if port.isdigit()} | allowed
    sockets = {os.path.realpath(each) for each in places.reach if each.startswith("/")}
    around = os.path.realpath(places.around)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("socket.connect", "socket.sendto", "socket.sendmsg") or arguments[1] is None:
            return
        kind, address = arguments[0].family, arguments[1]
        if kind == socket.AF_UNIX:
            real = os.path.realpath(os.fsdecode(address))
            there = real in sockets or within(real, around)
        elif kind in (socket.AF_INET, socket.AF_INET6):
            there = (address[0], address[1]) in known
        else:
            there = kind == getattr(socket, "AF_NETLINK", None)  # asks the kernel
        if not there:
            shown = address if kind == socket.AF_UNIX else f"{address[0]}:{address[1]}"
            raise ConnectionRefusedError(
                errno.ECONNREFUSED, f"labs: {shown} is not reached, since a run asks nobody but its own servers"
            )

    sys.addaudithook(hook)
