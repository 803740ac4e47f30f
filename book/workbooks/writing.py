"""All workbooks of this edition, written into a folder beside what readers have made of the ones before."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import words
from book._ext.data import load
from book.contents import TOP
from book.workbooks.edition import Edition
from book.workbooks.merge import digest, fresh, merged, told
from book.workbooks.notebook import written
from book.workbooks.shelf import Shelf, has_signatures, read
from book.workbooks.sources import sources
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from book.workbooks.edition import Leaf
    from book.workbooks.notebook import Node
    from book.workbooks.shelf import File
    from book.workbooks.sources import Source

FOLDER = TOP / "workbooks"


class NoChapterError(LabError):
    """No chapter, or more than one, is called so; the message offers the nearest."""


@dataclass(kw_only=True)
class Written:
    """What became of the workbooks, by their names in the folder.

    folder   where they are
    first    the workbook of the first page
    new      were not there before
    gained   have something new in them
    edited   have something of the reader's in them
    left     could not be read, with the reason, and were left alone
    kept     copies of what was there before, for those that were changed and written over
    """

    folder: Path
    first: Path
    new: list[str] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    kept: list[Path] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """What there is to know of it."""
        said = [words.counted(len(self.new), "new workbook")] if self.new else []
        said += [f"{words.counted(len(self.gained), 'workbook')} with something new"] if self.gained else []
        said = said or ["nothing new"]
        said += [f"your edits kept in {len(self.edited)}"] if self.edited else []
        left = "".join(f" Left alone: {name}, because {why}." for name, why in self.left.items())
        return f"Workbooks: {', '.join(said)}.{left}"


def write(
    folder: Path = FOLDER,
    *,
    withhold: bool = False,
    afresh: str | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> Written:
    """Write every page of the book as a notebook into `folder`, or bring those that are there up to this edition.

    What a reader has changed stays. No tracked file is touched.

    withhold  leaves out solutions and what the record says of predictions
    afresh    a chapter, by number, title or name: its workbook is written anew, and the old one kept in `.kept/`
    say       is told, a line each, what a reader should know at once

    Raises `SourceError` for a page that cannot be resolved, `NoChapterError`, and `ShelfError` while another run writes here.
    """
    pages = {page.name: page for page in sources()}
    again = chapter(afresh, list(pages.values())) if afresh is not None else None
    shelf = Shelf(folder.resolve())
    with shelf.locked():
        files = shelf.files()
        edition = Edition(top=TOP, folder=shelf.folder, pages=pages, names={}, data=load(TOP), withhold=withhold)
        places = placed(files, edition)
        for name, page in pages.items():
            edition.names[name] = (
                places[name].path.name if name in places and places[name].is_renamed else page.filename
            )
        signed = has_signatures()
        done = Written(folder=shelf.folder, first=shelf.folder / next(iter(edition.names.values())))
        for page in pages.values():
            Work(shelf=shelf, edition=edition, page=page, done=done, say=say, signed=signed).put(
                places.get(page.name), afresh=page is again
            )
    return done


@dataclass(frozen=True, kw_only=True)
class Work:
    """One page at work."""

    shelf: Shelf
    edition: Edition
    page: Source
    done: Written
    say: Callable[[str], None]
    signed: bool

    def put(self, file: File | None, *, afresh: bool) -> None:
        """Write the page's workbook, `file` being the one there is."""
        name = self.edition.names[self.page.name]
        target = self.shelf.folder / name
        leaves = self.edition.leaves(self.page)
        if target.is_file() and (file is None or file.path != target):
            found = read(target)
            if not afresh:
                self.done.left[name] = found.why or "it is a notebook of yours"
                return
            file = found
        for _ in range(3):  # it may be saved in JupyterLab at this very moment
            if self.tried(file, target, leaves, afresh=afresh):
                return
            assert file
            file = read(file.path)
        self.done.left[name] = "it is being changed right now"

    def tried(self, file: File | None, target: Path, leaves: list[Leaf], *, afresh: bool) -> bool:
        """Write it, unless the file has become another one meanwhile. Returns whether all is done."""
        name, edited, gained = self.page.filename, False, True
        if file is None or afresh or file.notebook is None:
            notebook = fresh(self.page.name, name, leaves)
        else:
            found = merged(file.notebook, self.page.name, name, leaves)
            notebook, edited, gained = found.notebook, found.edited, found.gained
        is_same = file is not None and notebook == file.notebook and file.path == target
        is_safe = not (is_same and self.signed) and (file is None or afresh or self.is_safe(file, notebook, leaves))
        text = written(notebook)
        if not is_same:
            copy = self.shelf.keep(file) if file and (afresh or (edited and gained)) else None
            if not self.shelf.write(target, text, file):
                return False
            if file and copy:
                self.done.kept.append(copy)
                self.say(f"{file.path.name}, as it was before: {copy}")
            if file and file.path != target:
                self.say(f"{file.path.name} is now called {target.name}")
        if is_safe:
            self.shelf.sign(text)
        if file is None or afresh:
            self.done.new.append(target.name)
        elif gained:
            self.done.gained.append(target.name)
        if edited:
            self.done.edited.append(target.name)
        return True

    def is_safe(self, file: File, notebook: Node, leaves: list[Leaf]) -> bool:
        """Whether JupyterLab may run what its cells show: it was so before, or they show nothing but what the book shows."""
        ours = {told(leaf.outputs) for leaf in leaves} | {""}
        shown = {told(cell["outputs"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}
        return shown <= ours or self.shelf.is_signed(file)


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
