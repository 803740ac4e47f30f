"""Progress in a notebook: one place that is updated, and ends as a sentence and a picture, so that a saved page holds no bar."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from benchmarks.show import narrowing
from labs.runtime.kernel import in_a_kernel

if TYPE_CHECKING:
    from benchmarks.result.narrowing import Narrowing
    from benchmarks.run.runs import Step


@dataclass(frozen=True)
class Line:
    """One line, for people and for files; `share` draws a bar before it, `seen` a picture below."""

    text: str
    share: float | None = None
    seen: Narrowing | None = None

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        bar = "" if self.share is None else f'<progress value="{self.share:.3f}" max="1"></progress> '
        said = escape(re.sub(" {3,}", " · ", self.text)).replace("\n", "<br>")
        return f'<p class="run-line">{bar}{said}</p>{narrowing.draw(self.seen) if self.seen else ""}'


class Display:
    """Where a run tells how it goes. In a notebook one place is updated; elsewhere what is worth a line of its own goes to the
    error stream, and the last line is printed.

    first  what stands there before the first step; None: nothing, and no place is taken
    """

    def __init__(self, first: str | None = "Getting ready") -> None:
        self._kernel = in_a_kernel()
        self._handle: Any = None
        self._shown = Line("", 0.0)
        if first is not None:
            self._show(Line(first, 0.0))

    def step(self, step: Step) -> None:
        """Show a step in the place of the one before."""
        self._show(Line(str(step), step.share, step.narrowing or self._shown.seen), worth=step.over)

    def end(self, text: str, seen: Narrowing | None = None) -> None:
        """Put the last word in the place of the bar; the picture stays, unless another takes its place."""
        self._show(Line(text, None, seen or self._shown.seen))
        if not self._kernel:
            print(text)

    def _show(self, line: Line, *, worth: bool = False) -> None:
        if line == self._shown:
            return
        self._shown = line
        if self._handle is not None:
            self._handle.update(line)
        elif self._kernel:
            from IPython.display import display

            self._handle = display(line, display_id=True)  # type: ignore[no-untyped-call]
        elif worth:
            print(line, file=sys.stderr)

    def clear(self) -> None:
        """Take back all that was shown."""
        if self._handle is not None:
            self._handle.update({}, raw=True)
            self._handle = None
