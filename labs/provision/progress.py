"""One line that tells what is being done, and for how long."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType

HEADING = 22  # columns
PLAIN_EVERY = 10.0  # seconds between lines where there is no terminal to redraw


class Progress:
    """A line with a heading, redrawn on a terminal; elsewhere a plain line now and then, so that a log stays short."""

    def __init__(self, heading: str) -> None:
        self.heading = heading
        self.began = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._printed = self.began
        self._step = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.clear()

    def say(self, step: str, detail: str = "") -> None:
        """Show the step under way; the detail (a count, a size) may change as often as it likes."""
        now = time.monotonic()
        text = f"{step} {detail}".rstrip()
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            sys.stdout.write(f"\r\033[K{self._line(text)[:width]}")
            sys.stdout.flush()
        elif step != self._step or now - self._printed >= PLAIN_EVERY:
            self._printed = now
            print(self._line(text), flush=True)
        self._step = step

    def done(self, text: str) -> None:
        """End with the sentence that stays."""
        self.clear()
        print(self._line(text), flush=True)

    def clear(self) -> None:
        """Take the unfinished line off the terminal."""
        if self._terminal:
            sys.stdout.write("\r\033[K")
            sys.stdout.flush()

    def _line(self, text: str) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        return f"{self.heading:<{HEADING}}{text:<72}  {minutes}:{seconds:02d}"
