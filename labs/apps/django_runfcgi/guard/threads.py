"""flup's threaded server, mended.

What it does wrong:

- a burst of connections all lands on the threads that are idle at that moment, and queues behind them, though it may
  start more threads;
- a connection beyond maxThreads is closed without an answer: here it waits in the listen queue, as with prefork;
- at a stop it waits for ever for a thread whose front-end keeps the connection, or whose request never ends;
- what a job raises is lost without a word.
"""

# ruff: noqa: N802, N815 - the names that flup looks for
from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

from flup.server import threadedserver, threadpool

from .wake import WakingSelect

if TYPE_CHECKING:
    import socket

    from .build import Guarded as _Base
else:
    _Base = object

GRACE_SECONDS = 10.0
# How often a full server looks whether it is to stop.
FULL_SECONDS = 0.1


class Job:
    """One connection in the pool: reports what it raises, and gives its place back."""

    def __init__(self, connection: Any, pool: RoomyPool) -> None:
        self._connection = connection
        self._pool = pool

    def run(self) -> None:
        """Serve the connection."""
        try:
            self._connection.run()
        except Exception:  # noqa: BLE001 - the thread's last frame: flup would drop it unseen
            traceback.print_exc()
        finally:
            self._pool.leave()


class RoomyPool(threadpool.ThreadPool):  # type: ignore[misc]
    """flup's pool of threads, which knows how many connections it holds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._inside = 0
        self._room = threading.Condition()

    def addJob(self, job: Any, allowQueuing: bool = False) -> bool:  # noqa: ARG002, N803 - flup's signature
        """Take a connection. Starts a thread when those that are idle have all been promised."""
        with self._room:
            self._inside += 1
        with self._lock:
            while self._idleCount <= len(self._workQueue) and self._workerCount < self._maxThreads:
                self._start_new_thread()
                self._workerCount += 1
                self._idleCount += 1
            # At the limit a thread may have given its place back and not be idle yet: the job waits for it.
            self._workQueue.append(Job(job, self))
            self._lock.notify()
        return True

    def leave(self) -> None:
        """One connection has ended."""
        with self._room:
            self._inside -= 1
            self._room.notify_all()

    def wait_for_room(self, seconds: float) -> bool:
        """Wait until a further connection could be served at once. False after that many seconds."""
        with self._room:
            return bool(self._room.wait_for(lambda: self._inside < self._maxThreads, seconds))

    def wait_for_end(self, seconds: float) -> int:
        """Wait until no connection is served. The number of those that remain after that many seconds."""
        with self._room:
            self._room.wait_for(lambda: not self._inside, seconds)
            return self._inside


class GuardedThreads(_Base):
    """Mixed in before flup's threaded servers."""

    _keepGoing: bool
    _threadPool: Any

    def __init__(self, *args: Any, minSpare: int, maxSpare: int, maxThreads: int, **options: Any) -> None:  # noqa: N803
        # flup's own pool would start its threads at once: give it none, and put ours in its place.
        super().__init__(*args, minSpare=0, maxSpare=0, maxThreads=0, **options)
        self._threadPool = RoomyPool(minSpare=minSpare, maxSpare=maxSpare, maxThreads=maxThreads)

    def run(self) -> bool:
        """Serve until a signal; True if it was SIGHUP."""
        self.stop_descriptor, self._stop_sender = os.pipe()
        threadedserver.select = self._select = WakingSelect()
        self._select.arm()
        try:
            return bool(super().run())
        finally:
            self._select.disarm()

    def count_request(self) -> bool:
        """Threads are never used up."""
        return False

    def _mainloopPeriodic(self) -> None:
        # flup comes by here between two accepts. While the pool is full nothing is accepted.
        while self._keepGoing and not self._threadPool.wait_for_room(FULL_SECONDS):
            pass

    def _cleanupSocket(self, sock: socket.socket) -> None:
        self.withdraw()
        super()._cleanupSocket(sock)
        # Readable from now on, for every thread: kept connections end.
        os.close(self._stop_sender)
        self.stopped_at = time.monotonic()

    def shutdown(self) -> None:
        """Let every connection finish, for GRACE_SECONDS at most. The threads are daemons and end with the process."""
        remaining = self._threadPool.wait_for_end(GRACE_SECONDS)
        if remaining:
            print(f"runfcgi: {remaining} requests were not done after {GRACE_SECONDS:.0f} s", file=sys.stderr)
