"""Tables of what was measured: the same in a notebook, on a terminal, and in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.tables import Tabled

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, repr=False)
class Table(Tabled):
    """Rows of text under a header; `note` is a line below."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    kind = "measured"
    heads = True

    @property
    def columns(self) -> Sequence[str]:  # type: ignore[override]  # here it is given, not the class's own
        return self.header

    def cells(self) -> Sequence[Sequence[str]]:
        return self.rows

    @property
    def below(self) -> str:
        return self.note
