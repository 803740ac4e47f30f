"""The listening socket: opened with errors that help, and its file removed at the end."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from .options import Options

# sun_path of <sys/un.h>, without the closing NUL.
LONGEST_PATH = 107 if sys.platform.startswith("linux") else 103


@dataclass(kw_only=True)
class Listener:
    """A socket with its address, and what is needed to remove its file and no other."""

    socket: socket.socket
    where: str
    path: Path | None = None
    identity: tuple[int, int] | None = None

    def listen(self) -> None:
        """Let front-ends connect. Raises UsageError if another server was faster."""
        try:
            self.socket.listen(socket.SOMAXCONN)
        except OSError as error:
            raise UsageError(f"Cannot listen on {self.where}: {error.strerror}.") from error

    def withdraw(self) -> None:
        """Let nobody connect any more, while requests under way are finished; a successor can start meanwhile.

        Only while this socket is open is its file's number nobody else's: after it, a successor's file may bear it.
        A socket that was handed over is not ours to withdraw.
        """
        path, self.path = self.path, None
        if path is not None:
            with suppress(FileNotFoundError):
                status = path.stat()
                if (status.st_dev, status.st_ino) == self.identity:
                    path.unlink()

    def close(self) -> None:
        """Close the socket; remove its file unless a newer server has put its own there."""
        self.withdraw()
        self.socket.close()


def check(options: Options) -> None:
    """Raise UsageError where `bind` would, as far as can be said before anything is opened."""
    if options.inherited:
        if not _listens(0):
            raise UsageError("Where to listen is missing: give socket=FILE, or host=HOST and port=PORT.")
    elif options.socket is not None:
        _check_path(options.socket)


def bind(options: Options) -> Listener:
    """Take the address that `options` name; nobody can connect yet. Raises UsageError when it cannot be had."""
    if options.inherited:
        return Listener(socket=socket.socket(fileno=os.dup(0)), where="the socket of the web server")
    if options.socket is not None:
        return _bind_path(options.socket, options.umask)
    return _bind_port(str(options.host), int(options.port or 0))


def _listens(descriptor: int) -> bool:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            return bool(copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def _check_path(path: Path) -> None:
    length = len(os.fsencode(path))
    if length > LONGEST_PATH:
        raise UsageError(f"The path of the socket has {length} bytes, at most {LONGEST_PATH} are allowed: {path}")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent} for the socket {path.name}.")
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise UsageError(f"{path} is there and is not a socket; choose another path.")
        if _answers(path):
            raise UsageError(f"A server is listening on {path} already; stop it first.")


def _answers(path: Path) -> bool:
    """Whether a process listens behind this file. A full queue (EAGAIN) is a live server too."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(str(path)) not in {errno.ECONNREFUSED, errno.ENOENT}


def _bind_path(path: Path, umask: int | None) -> Listener:
    _check_path(path)
    # What is left is the file of a server that did not end well: nothing listens behind it.
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(umask) if umask is not None else None
    try:
        server.bind(str(path))
    except OSError as error:
        server.close()
        raise UsageError(f"Cannot open the socket {path}: {error.strerror}.") from error
    finally:
        if before is not None:
            os.umask(before)
    status = path.stat()
    return Listener(socket=server, where=str(path), path=path, identity=(status.st_dev, status.st_ino))


def _bind_port(host: str, port: int) -> Listener:
    try:
        family, kind, proto, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise UsageError(f"host={host!r} is not an address of this machine: {error.strerror}.") from error
    server = socket.socket(family, kind, proto)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # An answer is several records, each sent by itself. With Nagle's algorithm the second waits for the front-end's delayed
    # acknowledgement, about 40 ms, on each request of a kept connection. Accepted sockets inherit the option.
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        server.bind(address)
    except OSError as error:
        server.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"Port {port} of {host} is in use; choose another, or stop its server.") from error
        raise UsageError(f"Cannot listen on {host}, port {port}: {error.strerror}.") from error
    return Listener(socket=server, where=f"{host}, port {port}")
