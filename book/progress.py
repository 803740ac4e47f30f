"""Phases on the terminal: a line that moves while somebody watches, one plain line a phase elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks import words

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH, BAR = 22, 12


class Line:
    """One phase. `share` moves its bar, `done` sets what it says at its end."""

    def __init__(self, name: str) -> None:
        self.name, self.start, self.said = name, time.monotonic(), ""
        self.moves = sys.stdout.isatty()

    def share(self, part: float) -> None:
        """Show that `part` of the whole, 0 to 1, is done."""
        if self.moves:
            filled = round(BAR * part)
            print(f"\r{self.name:<{WIDTH}}{'█' * filled}{'░' * (BAR - filled)}", end="", flush=True)

    def done(self, said: str) -> None:
        """What the phase came to, in a few words."""
        self.said = said

    def close(self) -> None:
        """Write the phase's line for good, with its seconds."""
        clear = "\r\x1b[K" if self.moves else ""
        print(f"{clear}{told(self.name, self.said, time.monotonic() - self.start)}", flush=True)


def told(name: str, said: str, seconds: float) -> str:
    """The line of a phase that has ended."""
    return f"{name:<{WIDTH}}{said:<58} {words.clock(seconds):>6}"


@contextmanager
def phase(name: str) -> Iterator[Line]:
    """A phase of the work; its line is written when it ends well. An error leaves a clean line for its message."""
    line = Line(name)
    line.share(0)
    try:
        yield line
    except BaseException:
        if line.moves:
            print("\r\x1b[K", end="", flush=True)
        raise
    line.close()
