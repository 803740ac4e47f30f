"""Signals wake flup's main loops.

flup was written for a `select` that a signal interrupts. Since Python 3.5 (PEP 475) `select` goes on after the
signal's handler, so flup's handler sets its flag and nobody looks: prefork waits for the next change of a child,
threaded up to a second. Here a byte on a pipe ends the wait.
"""

from __future__ import annotations

import os
import select as real
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class WakingSelect:
    """Stands in for the module `select` inside flup's server modules."""

    error = real.error
    # The most seconds to wait, whatever flup asks for.
    longest: float | None = None

    def __init__(self) -> None:
        self._receive, self._send = os.pipe()
        os.set_blocking(self._receive, False)
        os.set_blocking(self._send, False)
        self._owner = os.getpid()

    def arm(self) -> None:
        """Have every signal of this process end the wait. Main thread only."""
        self._owner = os.getpid()
        signal.set_wakeup_fd(self._send, warn_on_full_buffer=False)

    def disarm(self) -> None:
        """Signals of this process no longer end the wait; for a child, which shares the parent's pipe."""
        self._owner = -1
        signal.set_wakeup_fd(-1)

    def select(
        self, readers: Sequence[Any], writers: Sequence[Any], others: Sequence[Any], timeout: float | None = None
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """`select.select`, ended early by a signal: then with what is ready, perhaps nothing."""
        if self._owner != os.getpid():
            return real.select(readers, writers, others, timeout)
        if self.longest is not None:
            timeout = self.longest if timeout is None else min(timeout, self.longest)
        ready, writable, exceptional = real.select([*readers, self._receive], writers, others, timeout)
        if self._receive in ready:
            ready.remove(self._receive)
            with suppress(BlockingIOError):
                os.read(self._receive, 4096)
        return ready, writable, exceptional
