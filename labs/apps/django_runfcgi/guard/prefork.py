"""flup's prefork server, mended.

What it does wrong on Python 3:

- it compares the status byte of a child with a str, takes every child for idle, and never has more than maxSpare;
- once it grows, it ends every child beyond maxSpare at once, and forks it again for the next request: under a steady
  load it spends its time with that;
- it takes up to two seconds to replace a child that has ended by itself, as each does after maxRequests;
- it sends a str to a child at SIGUSR1, and dies of it;
- killed outright, it leaves the children that serve kept connections;
- each child takes Python's long way out;
- at a stop it waits for ever for a child whose front-end keeps the connection, because `wait`, too, is no longer
  interrupted; and it breaks off the requests of busy children.
"""

# ruff: noqa: N802, N815 - the names that flup looks for
from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flup.server import preforkserver

from .wake import WakingSelect

if TYPE_CHECKING:
    from .build import Guarded as _Base
else:
    _Base = object

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10.0
# One idle child too many is ended at a time, as Apache does.
TRIM_SECONDS = 1.0
REPLACE_SECONDS = 0.05


class StatusSocket(socket.socket):
    """The parent's end of the pair that joins it with a child: str for flup, bytes on the wire."""

    def recv(self, *args: Any) -> str:  # type: ignore[override]
        """The status as the str that flup compares with; EOF is the empty string."""
        return super().recv(*args).decode("latin-1")

    def send(self, data: Any, *args: Any) -> int:
        """Send flup's farewell, a str, as bytes. A child that has gone already needs none."""
        with suppress(BrokenPipeError, ConnectionResetError):
            return super().send(data.encode("latin-1") if isinstance(data, str) else data, *args)
        return 0


class GuardedPrefork(_Base):
    """Mixed in before flup's prefork servers."""

    _children: dict[int, dict[str, Any]]
    _maxRequests: int
    _maxSpare: int

    def run(self) -> bool:
        """Serve until a signal; True if it was SIGHUP."""
        self._served = 0
        self._used_up = False
        self._most_spare = self._maxSpare
        self._trimmed_at = time.monotonic()
        self._parent = os.getpid()
        preforkserver.select = self._select = WakingSelect()
        self._select.arm()
        try:
            return bool(super().run())
        finally:
            self._select.disarm()

    def count_request(self) -> bool:
        """Count one answer of this child. True once the child has given as many as it may."""
        self._served += 1
        if 0 < self._maxRequests <= self._served:
            # flup counts connections, and ends the child after the one in which this is set.
            self._used_up = True
            self._maxRequests = 1
        return self._used_up

    def _spawnChild(self, sock: socket.socket) -> bool:
        if not super()._spawnChild(sock):
            return False
        child = self._children[next(reversed(self._children))]
        child["file"] = StatusSocket(fileno=child["file"].detach())
        child["file"].setblocking(False)
        return True

    def _child(self, sock: socket.socket, parent: socket.socket) -> None:
        self._select.disarm()
        _end_with_parent(self._parent)
        # flup's pair becomes readable when the parent lets go of this child, or has died.
        self.stop_descriptor = parent.fileno()
        # Ctrl+C goes to the parent, which stops its children in order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for signum in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, signal.SIG_DFL)
        super()._child(sock, parent)
        # As the children of multiprocessing do. Python's own way out goes through every module of the site, and copies
        # the memory that was shared until then: seconds of a restart, where there are many children.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def _reapChildren(self) -> None:
        """Bury the dead. flup counts the idle right after this, and ends those beyond _maxSpare: here that is slowed."""
        super()._reapChildren()
        idle = sum(child["avail"] for child in self._children.values())
        now = time.monotonic()
        if idle <= self._most_spare:
            self._trimmed_at = now
        elif now - self._trimmed_at >= TRIM_SECONDS:
            self._trimmed_at = now
            idle -= 1
        self._maxSpare = max(self._most_spare, idle)
        # With nothing to do flup would wait without limit and keep what is too much. For a child that has said goodbye
        # and is not dead yet it would wait two seconds, and only then put another in its place.
        leaving = any(child["file"] is None for child in self._children.values())
        surplus = self._maxSpare > self._most_spare
        self._select.longest = REPLACE_SECONDS if leaving else TRIM_SECONDS if surplus else None

    def _cleanupChildren(self) -> None:
        """Let every child finish what it does, for GRACE_SECONDS at most."""
        # The busy ones hold the socket: whoever connected now would wait for them, and then be refused.
        self.withdraw()
        for child in self._children.values():
            if child["file"] is not None:
                child["file"].close()
                child["file"] = None
        deadline = time.monotonic() + GRACE_SECONDS
        while self._children and time.monotonic() < deadline:
            self._reapChildren()
            time.sleep(0.01 if self._children else 0)
        for pid in self._children:
            print(f"runfcgi: process {pid} was still busy after {GRACE_SECONDS:.0f} s, killed", file=sys.stderr)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self._children:
            self._reapChildren()
            time.sleep(0.01 if self._children else 0)


def _end_with_parent(parent: int) -> None:
    """Have the kernel stop this process when its parent dies, however that dies. Linux only."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)
