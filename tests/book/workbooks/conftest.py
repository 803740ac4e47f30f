"""Workbooks of the whole book, and of a small one whose pages a test may change; neither signs anything of the checkout's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from book import lab
from book._ext.data import Data, load
from book.contents import TOP
from book.workbooks import write, writing
from book.workbooks.notebook import Node, parse, written
from book.workbooks.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from book.workbooks import Written

FIRST = "# First\n\nA book.\n\n## Begin\n\nIt begins.\n"
SECOND = "# Second\n\nOne.\n\n## Two\n\nTwo.\n\n## Three\n\nThree.\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    """The ledger with its records, read once for all who write the whole book."""
    read = load(TOP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(lab.OWN, str(tmp_path_factory.mktemp("jupyter")))
        patch.setattr(writing, "load", lambda _top: read)
        yield read


@pytest.fixture(scope="module")
def whole(data: Data, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """All workbooks of the book, fresh."""
    return write(tmp_path_factory.mktemp("a folder") / "workbooks")


@dataclass
class Library:
    """A book of some pages. `write` writes its workbooks; `pages` are the texts by number and name."""

    folder: Path
    sources: Path
    pages: dict[tuple[str, str], str]
    said: list[str] = field(default_factory=list)

    def write(self, **more: object) -> Written:
        """Write this edition."""
        self.said.clear()
        return write(self.folder, say=self.said.append, **more)  # type: ignore[arg-type]

    def of(self) -> list[Source]:
        """The pages as they are now."""
        found = []
        for (number, name), text in self.pages.items():
            path = self.sources / f"{name.replace('/', '-')}.{'ipynb' if text.startswith('{') else 'md'}"
            if not path.exists() or path.read_text("utf-8") != text:
                path.write_text(text, "utf-8")
            found.append(Source(name, number, path))
        return found

    def read(self, name: str) -> Node:
        """A workbook."""
        return parse((self.folder / name).read_text("utf-8"))

    def edit(self, name: str, change: Callable[[Node], None]) -> None:
        """Change a workbook as a reader does."""
        notebook = self.read(name)
        change(notebook)
        (self.folder / name).write_text(written(notebook), "utf-8")

    def texts(self, name: str) -> list[str]:
        """The texts of a workbook's cells."""
        return [cell["source"] for cell in self.read(name)["cells"]]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A book of two pages."""
    (tmp_path / "sources").mkdir()
    made = Library(
        tmp_path / "workbooks", tmp_path / "sources", {("0", "book/first"): FIRST, ("1.1", "book/second"): SECOND}
    )
    monkeypatch.setenv(lab.OWN, str(tmp_path / "jupyter"))
    monkeypatch.setattr(writing, "sources", made.of)
    monkeypatch.setattr(writing, "load", lambda _top: Data(sections={}, claims=[], copies={}))
    return made
