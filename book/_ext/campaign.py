"""What the recorded campaign says, drawn at build time from its runs (`evidence`):

```{campaign} alarms        A/A comparisons by metric
```{campaign} power         how often each known effect was found, as a figure and a table
```{campaign} repeats       how often two runs of one comparison agree
```{campaign} reproduced    how often each claim had the verdict of its record
```{campaign} others        what other generators find with the same arms
```{campaign} errors        the stop rule, by simulation
```{campaign} coverage      intervals, by simulation
```{campaign} prediction    what a short run answers, by simulation
```{campaign} origin        machine, versions and length of the campaign
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx.util.docutils import SphinxDirective

from .evidence import PIECES, files

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Piece(SphinxDirective):
    """One table or figure."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, object]] = {}

    def run(self) -> list[nodes.Node]:
        name = directives.choice(self.arguments[0], tuple(PIECES))
        folder = Path(self.env.app.srcdir, "benchmarks", "results", "campaign")
        for file in files(folder):
            self.env.note_dependency(str(file))
        return [nodes.raw("", PIECES[name](folder), format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("campaign", Piece)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
