"""The pages of the book as they are tracked: their cells, their headings, and which claims and explorables stand on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from book.contents import parts, source
from book.workbooks.notebook import parse
from book.workbooks.parse import Place, SourceError, headings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRONT = re.compile(r"---\n.*?\n---\n", re.DOTALL)
CARD = re.compile(r"^(?:`{3,}|:{3,})\{claim\}\s+(\S+)", re.MULTILINE)
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')  # in names of files, on one system or another


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell as its author wrote it. `place` is where its text stands."""

    kind: str
    id: str
    text: str
    metadata: dict[str, Any]
    outputs: list[dict[str, Any]]
    place: Place
    count: int | None = None


@dataclass(frozen=True)
class Source:
    """A page.

    name    such as "book/tuning/keep-alive"
    number  its part and its place in it, such as "7.1", the parts counted from 0; "0" is the first page
    """

    name: str
    number: str
    path: Path

    @cached_property
    def cells(self) -> list[Cell]:
        """Its cells; a page of Markdown has one for each part. Raises `SourceError` when it cannot be read."""
        return list(self._notebook() if self.path.suffix == ".ipynb" else self._markdown())

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text of its headings."""
        return [found for cell in self.cells if cell.kind == "markdown" for found in headings(cell.text)]

    @property
    def title(self) -> str:
        """Its first heading. Raises `SourceError` when there is none."""
        if not self.headings:
            raise SourceError(f"{self.name}: it has no heading")
        return self.headings[0][1]

    @property
    def filename(self) -> str:
        """The name of its workbook."""
        return f"{self.number} {' '.join(UNSAFE.sub(' ', self.title.replace(': ', ', ')).split())}.ipynb"

    @property
    def claims(self) -> list[str]:
        """The claims whose cards stand on it."""
        return [claim for cell in self.cells if cell.kind == "markdown" for claim in CARD.findall(cell.text)]

    def _notebook(self) -> Iterator[Cell]:
        try:
            found = parse(self.path.read_text("utf-8"))["cells"]
        except ValueError as error:
            raise SourceError(f"{self.path} is not a notebook: {error}") from error
        for cell in found:
            yield Cell(
                kind=cell["cell_type"],
                id=cell["id"],
                text=cell["source"],
                metadata=cell["metadata"],
                outputs=cell.get("outputs", []),
                count=cell.get("execution_count"),
                place=Place(page=f"{self.name}.ipynb, cell {cell['id']}"),
            )

    def _markdown(self) -> Iterator[Cell]:
        text = self.path.read_text("utf-8")
        front = FRONT.match(text)
        skipped = front[0].count("\n") if front else 0
        lines = text.split("\n")[skipped:]
        place = Place(page=f"{self.name}.md", line=skipped)
        begins = [0, *part_lines(lines), len(lines)]
        taken: set[str] = set()
        for start, stop in pairwise(begins):
            body = "\n".join(lines[start:stop])
            if body.strip():
                name = slug(lines[start].lstrip("# ")) or "top"
                while name in taken:
                    name += "-2"
                taken.add(name)
                yield Cell(kind="markdown", id=name[:60], text=body, metadata={}, outputs=[], place=place.below(start))


def part_lines(lines: list[str]) -> list[int]:
    """The lines at which a heading of the second level stands, outside of code and boxes."""
    found, fence = [], ""
    for number, line in enumerate(lines):
        opened = re.match(r"(`{3,}|:{3,})", line)
        if opened and not fence:
            fence = opened[1]
        elif opened and line.strip() and set(line.strip()) == {fence[0]} and len(line.strip()) >= len(fence):
            fence = ""
        elif not fence and line.startswith("## "):
            found.append(number)
    return found


def slug(text: str) -> str:
    """A heading as an address, as the site makes it."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def sources() -> list[Source]:
    """The pages of the contents in their order. Raises `SourceError` when one of them is missing."""
    found = []
    for part, names in enumerate(parts()):
        for place, name in enumerate(names, start=1):
            path = source(name)
            if path is None:
                raise SourceError(f"_toc.yml names {name}, which does not exist")
            found.append(Source(name, f"{part - 1}.{place}" if part else "0", path))
    return found
