"""A new edition of a page and a reader's workbook of an older one, cell by cell.

A workbook remembers, in its metadata, what was written into each of its cells. What has changed since is the reader's.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from book.workbooks.edition import LONGEST, Leaf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from book.workbooks.notebook import Node

MEMORY = "workbook"  # the entry in a notebook's metadata
# As JupyterLab writes it once a kernel has started: a workbook that was only opened has nothing to save
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": platform.python_version(),
    },
}
NEW = {
    "markdown": "*New in this edition. Your own version of this is in the cell above.*\n\n",
    "code": "# New in this edition. Your own version of this is in the cell above.\n",
}

Entry = dict[
    str, str
]  # text and outputs: the book's own, as digests; at and wrote: id and text in the workbook, if others


@dataclass(kw_only=True)
class Workbook:
    """Cells in their order, each with the book's id of it or None, and what is remembered by the book's ids."""

    cells: list[tuple[str | None, Node]] = field(default_factory=list)
    memory: dict[str, Entry] = field(default_factory=dict)

    def add(self, leaf: Leaf, cell: Node, text: str | None = None) -> None:
        """Add a cell of the book; `text` is what was written where it is not the book's own."""
        self.cells.append((leaf.id, cell))
        self.remember(leaf, cell["id"], text)

    def remember(self, leaf: Leaf, at: str, text: str | None = None) -> None:
        """Remember a cell of the book, whether or not it is still there."""
        entry = {"text": digest(leaf.kind, leaf.text), "outputs": told(leaf.outputs)}
        entry |= {"at": at} if at != leaf.id else {}
        self.memory[leaf.id] = entry | ({"wrote": digest(leaf.kind, text)} if text is not None else {})

    def insert(self, leaves: Sequence[Leaf]) -> None:
        """Put in what nothing is remembered of: each cell after the one before it in the book."""
        last = -1
        for leaf in leaves:
            if leaf.id not in self.memory:
                last += 1
                self.cells.insert(last, (leaf.id, made(leaf)))
                self.remember(leaf, leaf.id)
            else:
                last = max((at for at, (known, _) in enumerate(self.cells) if known == leaf.id), default=last)

    def notebook(self, page: str, name: str, metadata: Mapping[str, Any]) -> Node:
        """The workbook of a page as a notebook."""
        cells = [cell for _, cell in self.cells]
        # a list, since JupyterLab sorts what has names: first what is there, in its order, then what was deleted
        order = [known for known, _ in self.cells if known in self.memory]
        listed = [{"id": known, **self.memory[known]} for known in dict.fromkeys([*order, *self.memory])]
        memory = {"page": page, "name": name, "cells": listed}
        metadata = {**KERNEL, **metadata, MEMORY: memory}
        return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A workbook of this edition.

    edited  the reader has changed or run something in it
    gained  it has something that it did not have before
    """

    notebook: Node
    edited: bool
    gained: bool


def remembered(notebook: Node) -> dict[str, Entry]:
    """What a workbook remembers of each cell, by the book's ids."""
    return {
        entry["id"]: {key: value for key, value in entry.items() if key != "id"}
        for entry in notebook["metadata"][MEMORY]["cells"]
    }


def fresh(page: str, name: str, leaves: Sequence[Leaf]) -> Node:
    """A workbook that nobody has worked in."""
    book = Workbook()
    book.insert(leaves)
    return book.notebook(page, name, {})


def merged(old: Node, page: str, name: str, leaves: Sequence[Leaf]) -> Merged:
    """The reader's workbook `old` with what is new in `leaves`, the cells of this edition."""
    memory = remembered(old)
    ours = {entry.get("at", known): known for known, entry in memory.items()}
    there = {cell["id"]: cell for cell in old["cells"]}
    rewritten = list(there) != list(ours) or any(changed(there[at], memory[known]) for at, known in ours.items())
    if rewritten:
        book = beside(old["cells"], memory, leaves)
    else:
        book = Workbook()
        for leaf in leaves:
            entry = memory.get(leaf.id)
            renew(book, leaf, there[entry.get("at", leaf.id)] if entry else None, entry)
    metadata = {name: value for name, value in old["metadata"].items() if name != MEMORY}
    notebook = book.notebook(page, name, metadata)
    ran = any(
        cell["cell_type"] == "code" and ran_since(cell, memory[ours[cell["id"]]])
        for cell in old["cells"]
        if cell["id"] in ours
    )
    return Merged(notebook=notebook, edited=rewritten or ran, gained=contents(notebook) != contents(old))


def beside(cells: Sequence[Node], memory: Mapping[str, Entry], leaves: Sequence[Leaf]) -> Workbook:
    """A workbook that a reader has changed, in the reader's order: what is new stands beside what is the reader's."""
    book, new = Workbook(), {leaf.id: leaf for leaf in leaves}
    ours = {entry.get("at", known): known for known, entry in memory.items()}
    taken = {cell["id"] for cell in cells} | set(new)
    for cell in cells:
        known = ours.get(cell["id"])
        leaf = new.get(known or "")
        if known is None or leaf is None:
            if known is None or changed(cell, memory[known]):
                book.cells.append((None, cell))
        elif not changed(cell, memory[known]):
            renew(book, leaf, cell, memory[known])
        elif digest(leaf.kind, leaf.text) == memory[known]["text"]:
            book.cells.append((leaf.id, cell))
            book.memory[leaf.id] = memory[known]
        elif cell["source"] == leaf.text:
            book.add(leaf, cell)
        else:
            book.cells.append((None, cell))
            twin = replace(leaf, id=free(leaf.id, taken), text=NEW.get(leaf.kind, "") + leaf.text)
            book.add(leaf, made(twin), twin.text)
    for known, entry in memory.items():
        if known in new and known not in book.memory:  # deleted by the reader
            book.remember(new[known], entry.get("at", known))
    book.insert(leaves)
    return book


def renew(book: Workbook, leaf: Leaf, cell: Node | None, entry: Entry | None) -> None:
    """Add a cell that the reader has not changed, as it is in this edition; what it showed stays unless its code is another."""
    if cell is None or entry is None:
        book.add(leaf, made(leaf))
        return
    marked = NEW.get(leaf.kind, "") + leaf.text if "wrote" in entry else None
    now = made(replace(leaf, id=cell["id"], text=leaf.text if marked is None else marked))
    now["metadata"] = {**cell["metadata"], **now["metadata"]}
    if leaf.kind == "code" and now["source"] == cell["source"] and ran_since(cell, entry):
        now["outputs"], now["execution_count"] = cell["outputs"], cell["execution_count"]
    book.add(leaf, now, marked)


def made(leaf: Leaf) -> Node:
    """A cell of a notebook."""
    cell: Node = {"cell_type": leaf.kind, "id": leaf.id, "metadata": dict(leaf.metadata), "source": leaf.text}
    if leaf.kind == "code":
        cell |= {"execution_count": leaf.count, "outputs": leaf.outputs}
    return cell


def changed(cell: Node, entry: Entry) -> bool:
    """Whether a reader has changed the text of a cell, or made another kind of it."""
    return digest(cell["cell_type"], cell["source"]) != entry.get("wrote", entry["text"])


def ran_since(cell: Node, entry: Entry) -> bool:
    """Whether a cell shows something else than what was written."""
    return cell["cell_type"] == "code" and told(cell["outputs"]) != entry["outputs"]


def contents(notebook: Node) -> list[tuple[str, str, str]]:
    """What a reader sees of a notebook."""
    return [(cell["id"], cell["source"], told(cell.get("outputs", []))) for cell in notebook["cells"]]


def free(name: str, taken: set[str]) -> str:
    """An id like `name` that no cell has; it is taken from now on."""
    number = 2
    while (found := f"{name[: LONGEST - 8]}-new-{number}") in taken:
        number += 1
    taken.add(found)
    return found


def digest(*parts: str) -> str:
    """A short name of a text."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def told(outputs: Sequence[Mapping[str, Any]]) -> str:
    """A short name of what a cell shows, without the number of its run."""
    return (
        digest(json.dumps([{**each, "execution_count": None} for each in outputs], sort_keys=True)) if outputs else ""
    )
