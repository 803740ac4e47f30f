"""Phases on the terminal: a bar while somebody watches, one plain line a phase elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TextColumn

from benchmarks import words

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH, BAR = 22, 12


@dataclass(kw_only=True)
class Phase:
    """One phase. `share` moves its bar, `done` sets what it says at its end."""

    bar: Progress
    task: TaskID
    said: str = ""

    def share(self, part: float) -> None:
        """Show that `part` of the whole, 0 to 1, is done."""
        self.bar.update(self.task, completed=part)

    def done(self, said: str) -> None:
        """What the phase came to, in a few words."""
        self.said = said


def line(name: str, said: str, seconds: float) -> str:
    """The line of a phase that has ended."""
    return f"{name:<{WIDTH}}{said:<58} {words.clock(seconds):>6}"


@contextmanager
def phase(name: str) -> Iterator[Phase]:
    """A phase of the work; its line is written when it ends well. An error leaves a clean line for its message."""
    begun = time.monotonic()
    columns = TextColumn(f"{{task.description:<{WIDTH}}}", markup=False), BarColumn(BAR)
    with Progress(*columns, transient=True, disable=not sys.stdout.isatty()) as bar:
        running = Phase(bar=bar, task=bar.add_task(name, total=1.0))
        yield running
    print(line(name, running.said, time.monotonic() - begun), flush=True)
