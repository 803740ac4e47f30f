"""Which workbook belongs to which page, and which page a reader means."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from benchmarks import words
from book.workbooks.merge import digest
from labs.errors import LabError

if TYPE_CHECKING:
    from book.workbooks.edition import Edition
    from book.workbooks.shelf import File
    from book.workbooks.sources import Source


class NoChapterError(LabError):
    """No chapter, or more than one, is called so; the message offers the nearest."""


def placed(files: list[File], edition: Edition) -> dict[str, File]:
    """Name of a page -> its workbook. A page that has another name now is known by its cells.

    A reader's copies of a workbook are the reader's own: of several with one page the one that has its name counts.
    """
    found: dict[str, File] = {}
    for file in sorted((file for file in files if file.memory), key=lambda file: file.is_renamed):
        found.setdefault(file.memory["page"], file)
    lost = {name: file for name, file in found.items() if name not in edition.pages}
    for name, page in edition.pages.items():
        if name not in found and lost:
            edition.names.update({each.name: each.filename for each in edition.pages.values()})
            texts = {digest(leaf.kind, leaf.text) for leaf in edition.leaves(page)}
            before = max(lost, key=lambda other: len(texts & texts_of(lost[other])))
            if 2 * len(texts & texts_of(lost[before])) >= len(texts):
                found[name] = lost.pop(before)
    return {name: file for name, file in found.items() if name in edition.pages}


def texts_of(file: File) -> set[str]:
    """Digests of what the book wrote into a workbook."""
    return {str(entry.get("text")) for entry in file.memory["cells"]}


def chapter(wanted: str, pages: list[Source]) -> Source:
    """The one page with this number, name, or part of a title. Raises `NoChapterError`."""
    asked = wanted.strip().removesuffix(".ipynb").casefold()
    known = [
        {page.number, page.name, page.name.rpartition("/")[2], page.title, page.filename.removesuffix(".ipynb")}
        for page in pages
    ]
    exact = [page for page, names in zip(pages, known, strict=True) if asked in {name.casefold() for name in names}]
    parts = [page for page in pages if asked and (asked in page.title.casefold() or asked in page.name.casefold())]
    found = exact or parts
    if len(found) == 1:
        return found[0]
    if found:
        listed = words.listed((page.filename.removesuffix(".ipynb") for page in found), "or")
        raise NoChapterError(
            f"{wanted!r} may be {listed}. Name one of them, by its number for instance: --afresh {found[0].number}"
        )
    every = {name.casefold(): page for page, names in zip(pages, known, strict=True) for name in names}
    near = [every[name].filename for name in difflib.get_close_matches(asked, every, n=1, cutoff=0.5)]
    hint = (
        f" Did you mean {near[0].removesuffix('.ipynb')!r}?"
        if near
        else f" They are numbered from {pages[0].number} to {pages[-1].number}."
    )
    raise NoChapterError(f"No chapter is called {wanted!r}.{hint}")
