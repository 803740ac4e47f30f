"""A page of the book as a workbook of this edition: cells with ids that stay the same from one edition to the next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from book._ext.cards import Page
from book.workbooks.addresses import Addresses
from book.workbooks.pictures import paper
from book.workbooks.piece import Piece, joined
from book.workbooks.resolve import Resolver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from book._ext.data import Data
    from book.workbooks.sources import Cell, Source

SVG = "image/svg+xml"
LONGEST = 64  # of a cell's id, in the form of notebooks
ANSWER = '# One of the answers above, or your own words.\nmy_answer = ""'


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A cell of a workbook."""

    id: str
    kind: str
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Edition:
    """All pages of this edition, to be had one by one.

    names  name of a page -> name of its workbook
    """

    top: Path
    folder: Path
    pages: Mapping[str, Source]
    names: dict[str, str]
    data: Data
    withhold: bool = False

    def leaves(self, page: Source) -> list[Leaf]:
        """The cells of a page. Raises `SourceError` for what cannot be resolved."""
        homes = {claim: name for name, each in self.pages.items() for claim in each.claims}
        addresses = Addresses(top=self.top, folder=self.folder, pages=self.pages, names=self.names, here=page.name)
        cards = Page(self.data, homes, addresses, folders=(self.top / "book" / "workbooks" / "templates",))
        resolver = Resolver(top=self.top, page=page.name, cards=cards, addresses=addresses, withhold=self.withhold)
        return list(unique(answered(resolved(resolver, page.cells))))


def resolved(resolver: Resolver, cells: Iterable[Cell]) -> Iterator[Leaf]:
    """The cells of a page as those of a workbook: text by text, and each drawing a cell of its own."""
    for cell in cells:
        if cell.kind != "markdown":
            shown = [grounded(output) for output in cell.outputs]
            metadata = kept(cell.metadata)
            yield Leaf(id=cell.id, kind=cell.kind, text=cell.text, metadata=metadata, outputs=shown, count=cell.count)
            continue
        name, flow = cell.id, list[str]()
        for piece in [*resolver.pieces(cell.text, cell.place), None]:
            if piece and not piece.id:
                flow.append(piece.text)
                continue
            if text := joined(flow):
                yield Leaf(id=name, kind="markdown", text=text, metadata=kept(cell.metadata))
            if piece:
                yield leaf(piece)
                name, flow = f"after-{piece.id}", []


def leaf(piece: Piece) -> Leaf:
    """A piece as a cell of its own."""
    return Leaf(id=piece.id, kind="code" if piece.is_code else "markdown", text=piece.text, outputs=piece.outputs)


def kept(metadata: dict[str, Any]) -> dict[str, Any]:
    """What a cell is marked with, but for the marks of the book's own tests."""
    tags = [tag for tag in metadata.get("tags", []) if not tag.startswith("nbval")]
    return {name: value for name, value in metadata.items() if name != "tags"} | ({"tags": tags} if tags else {})


def grounded(output: dict[str, Any]) -> dict[str, Any]:
    """An output whose picture stands on paper, so that it can be read in a dark theme."""
    data = output.get("data", {})
    if SVG not in data:
        return output
    return {**output, "data": {**data, SVG: paper(data[SVG])}}


def answered(leaves: Iterable[Leaf]) -> Iterator[Leaf]:
    """After each prediction comes a cell to answer in: the author's, or one that is put there."""
    found = list(leaves)
    for number, each in enumerate(found):
        yield each
        if each.id.startswith("predict-"):
            after = next((other for other in found[number + 1 :] if other.kind == "code"), None)
            if after is None or ".predict(" not in after.text:
                yield Leaf(id=f"answer-{each.id.removeprefix('predict-')}", kind="code", text=ANSWER)


def unique(leaves: Iterable[Leaf]) -> Iterator[Leaf]:
    """The same cells, no two with one id."""
    taken: set[str] = set()
    for each in leaves:
        name, count = each.id[:LONGEST], 1
        while name in taken:
            count += 1
            name = f"{each.id[: LONGEST - 4]}-{count}"
        taken.add(name)
        yield replace(each, id=name)
