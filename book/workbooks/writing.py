"""All workbooks of this edition, written into a folder beside what readers have made of the ones before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import words
from book._ext.data import load
from book.contents import TOP
from book.workbooks.edition import Edition
from book.workbooks.finding import chapter, placed
from book.workbooks.merge import MEMORY, fresh, merged, told
from book.workbooks.notebook import written
from book.workbooks.shelf import Shelf, ShelfError, has_signatures, read
from book.workbooks.sources import sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from book.workbooks.edition import Leaf
    from book.workbooks.notebook import Node
    from book.workbooks.shelf import File
    from book.workbooks.sources import Source

FOLDER = TOP / "workbooks"


WITHHELD = "withheld"  # in what a workbook remembers: answers are left out of it


@dataclass(kw_only=True)
class Written:
    """What became of the workbooks, by their names in the folder.

    folder   where they are
    first    the workbook of the first page
    count    how many there are
    new      were not there before
    gained   have something new in them
    edited   have something of the reader's in them
    left     could not be read, with the reason, and were left alone
    kept     copies of what was there before, for those that were changed and written over
    """

    folder: Path
    first: Path
    count: int
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
        said += [f"your work kept in {len(self.edited)}"] if self.edited else []
        left = "".join(f" Left alone: {name}, because {why}." for name, why in self.left.items())
        return f"Workbooks: {', '.join(said)}.{left}"


def write(
    folder: Path = FOLDER,
    *,
    withhold: bool | None = None,
    afresh: str | None = None,
    say: Callable[[str], None] = lambda _line: None,
    moved: Callable[[float], None] = lambda _share: None,
) -> Written:
    """Write every page of the book as a notebook into `folder`, or bring those that are there up to this edition.

    What a reader has changed stays. No tracked file is touched.

    withhold  leaves out solutions and what the record says of predictions; None does as those did that are there
    afresh    a chapter, by number, title or name: its workbook is written anew, and the old one kept in `.kept/`
    say       is told, a line each, what a reader should know at once
    moved     is told which share is done, 0 to 1

    Raises `SourceError` for a page that cannot be resolved, `NoChapterError`, and `ShelfError` while another run writes here.
    """
    pages = {page.name: page for page in sources()}
    again = chapter(afresh, list(pages.values())) if afresh is not None else None
    shelf = Shelf(folder.resolve())
    if any(page.path.is_relative_to(shelf.folder) for page in pages.values()):
        raise ShelfError(f"{folder} holds the book's own chapters. Name a folder for copies of them.")
    with shelf.locked():
        files = shelf.files()
        if withhold is None:
            withhold = any(file.memory.get(WITHHELD) for file in files)
        edition = Edition(top=TOP, folder=shelf.folder, pages=pages, names={}, data=load(TOP), withhold=withhold)
        places = placed(files, edition)
        for name, page in pages.items():
            edition.names[name] = (
                places[name].path.name if name in places and places[name].is_renamed else page.filename
            )
        signed = has_signatures()
        done = Written(folder=shelf.folder, first=shelf.folder / next(iter(edition.names.values())), count=len(pages))
        leaves = {}
        for number, (name, page) in enumerate(pages.items(), start=1):  # all of them, before anything is written
            leaves[name] = edition.leaves(page)
            moved(number / len(pages))
        for name, page in pages.items():
            work = Work(
                shelf=shelf,
                page=page,
                name=edition.names[name],
                leaves=leaves[name],
                done=done,
                say=say,
                signed=signed,
                withhold=withhold,
            )
            work.put(places.get(name), afresh=page is again)
    return done


@dataclass(frozen=True, kw_only=True)
class Work:
    """One page at work.

    name      of its workbook
    signed    whether there are signatures of what was written before
    withhold  whether answers are left out
    """

    shelf: Shelf
    page: Source
    name: str
    leaves: list[Leaf]
    done: Written
    say: Callable[[str], None]
    signed: bool
    withhold: bool

    def put(self, file: File | None, *, afresh: bool) -> None:
        """Write the page's workbook, `file` being the one there is."""
        target = self.shelf.folder / self.name
        if target.is_file() and (file is None or file.path != target):
            found = read(target)
            if not afresh:
                self.done.left[self.name] = found.why or "it is a notebook of yours"
                return
            file = found
        for _ in range(3):
            if self.tried(file, target, afresh=afresh):
                return
            # it was saved, or deleted, at this very moment
            file = read(file.path) if file and file.path.is_file() else None
        self.done.left[self.name] = "it is being changed right now"

    def tried(self, file: File | None, target: Path, *, afresh: bool) -> bool:
        """Write it, unless the file has become another one meanwhile. Returns whether all is done."""
        name, edited, gained = self.page.filename, False, True
        if file is None or afresh or file.notebook is None:
            notebook = fresh(self.page.name, name, self.leaves)
        else:
            found = merged(file.notebook, self.page.name, name, self.leaves)
            notebook, edited, gained = found.notebook, found.edited, found.gained
        if self.withhold:
            notebook["metadata"][MEMORY][WITHHELD] = True
        is_same = file is not None and notebook == file.notebook and file.path == target
        is_safe = not (is_same and self.signed) and (file is None or afresh or self.is_safe(file, notebook))
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

    def is_safe(self, file: File, notebook: Node) -> bool:
        """Whether JupyterLab may run what its cells show: it was so before, or they show nothing but what the book shows."""
        ours = {told(leaf.outputs) for leaf in self.leaves} | {""}
        shown = {told(cell["outputs"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}
        return shown <= ours or self.shelf.is_signed(file)
