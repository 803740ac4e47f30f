"""Progress in a notebook: one line that is updated in place and ends as a sentence, so that a saved page holds no bar."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.run.runs import Step


@dataclass(frozen=True)
class Line:
    """One line, for people and for files; `share` draws a bar before it."""

    text: str
    share: float | None = None

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        bar = "" if self.share is None else f'<progress value="{self.share:.3f}" max="1"></progress> '
        return f'<p class="run-line">{bar}{escape(self.text)}</p>'


class Display:
    """Where a run tells how it goes. Outside a notebook only the last line is printed."""

    def __init__(self) -> None:
        self._handle: Any = None
        if "IPython" in sys.modules:
            from IPython import get_ipython
            from IPython.display import display

            if get_ipython() is not None:
                self._handle = display(  # type: ignore[no-untyped-call]
                    Line("Getting ready", 0.0), display_id=True
                )

    def step(self, step: Step) -> None:
        """Show a step in the place of the one before."""
        if self._handle is not None:
            self._handle.update(Line(str(step), step.share))

    def end(self, text: str) -> None:
        """Put the last word in the place of the bar."""
        if self._handle is not None:
            self._handle.update(Line(text))
        else:
            print(text)
