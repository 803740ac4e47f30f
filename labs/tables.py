"""Tables that read the same on a terminal and in a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence


class Tabled:
    """What has `columns` and `cells()` is shown as a table.

    kind   classes of the HTML table
    heads  whether the first cell of a row is its head
    note   a line below
    """

    columns: Sequence[str] = ()
    kind = "plain"
    heads = False

    def cells(self) -> Sequence[Sequence[str]]:
        """A row of text for each thing."""
        raise NotImplementedError

    @property
    def below(self) -> str:
        """A line below the table; none where it is empty."""
        return ""

    def __repr__(self) -> str:
        lines = [self.columns, *self.cells()]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        text = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([*text, self.below] if self.below else text)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "".join(f"<tr>{''.join(self._cells_of(row))}</tr>" for row in self.cells())
        below = f"<p>{html.escape(self.below).replace(chr(10), '<br>')}</p>" if self.below else ""
        return f'<table class="{self.kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}'

    def _cells_of(self, row: Sequence[str]) -> list[str]:
        cells = [f"<td>{html.escape(cell)}</td>" for cell in row]
        if self.heads:
            cells[0] = f'<th scope="row">{html.escape(row[0])}</th>'
        return cells
