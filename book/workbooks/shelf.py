"""The folder of the workbooks: what lies in it, and how a file in it is written without losing anything of a reader's."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from book import lab
from book.workbooks.merge import MEMORY
from book.workbooks.notebook import parse
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat.sign import NotebookNotary

    from book.workbooks.notebook import Node

PATIENCE = 60  # seconds that a second run waits for the first


class ShelfError(LabError):
    """The folder of the workbooks cannot be used now; the message says why."""


@dataclass(frozen=True)
class File:
    """A notebook in the folder.

    text  of the file
    why   what is wrong with it; empty when it can be read
    """

    path: Path
    text: str
    notebook: Node | None
    why: str = ""

    @property
    def memory(self) -> dict[str, Any]:
        """What a workbook remembers; nothing when it is none."""
        kept = self.notebook["metadata"].get(MEMORY) if self.notebook else None
        if isinstance(kept, dict) and isinstance(kept.get("cells"), list) and isinstance(kept.get("page"), str):
            entries = kept["cells"]
            if all(isinstance(entry, dict) and {"id", "text", "outputs"} <= set(entry) for entry in entries):
                return kept
        return {}

    @property
    def is_renamed(self) -> bool:
        """Whether its name is the reader's."""
        return self.path.name != self.memory.get("name")


def read(path: Path) -> File:
    """A notebook, or why it cannot be read."""
    text = path.read_text("utf-8", errors="replace")
    try:
        return File(path, text, parse(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return File(path, text, None, f"it cannot be read as a notebook ({error})")


@dataclass(frozen=True)
class Shelf:
    """A folder of workbooks."""

    folder: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one that writes here. Raises `ShelfError` when another does not end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self.folder / ".lock"
        try:
            with FileLock(lock, timeout=PATIENCE):
                yield
        except Timeout:
            raise ShelfError(f"Another run is writing workbooks, for a minute now: it holds {lock}") from None

    def files(self) -> list[File]:
        """The notebooks that lie here."""
        return [read(path) for path in sorted(self.folder.glob("*.ipynb"))]

    def keep(self, file: File) -> Path:
        """Copy a file into `.kept/`, under its name and this moment; returns the copy."""
        folder = self.folder / ".kept"
        folder.mkdir(exist_ok=True)
        when = datetime.now().astimezone().strftime("%Y-%m-%d %H.%M.%S")
        name, number = f"{file.path.stem} {when}.ipynb", 1
        while (folder / name).exists():
            number += 1
            name = f"{file.path.stem} {when} {number}.ipynb"
        put(folder / name, file.path.read_bytes(), like=file.path)
        return folder / name

    def write(self, target: Path, text: str, before: File | None) -> bool:
        """Write a workbook in the place of `before`, which may have another name; not when that has another text by now, or is gone.

        Returns whether it was written.
        """
        there = before.path if before else target
        if there.is_file() != bool(before) or (before and read(there).text != before.text):
            return False
        put(target, text.encode(), like=before.path if before else None)
        if before and before.path != target:
            before.path.unlink()
        return True

    @cached_property
    def notary(self) -> NotebookNotary:
        """Who signs, with the keys of the JupyterLab that `make lab` starts."""
        from nbformat.sign import NotebookNotary  # imported here: it takes a second

        data = lab.own() / "data"
        data.mkdir(parents=True, exist_ok=True)
        return NotebookNotary(data_dir=str(data))  # type: ignore[no-untyped-call]

    def is_signed(self, file: File) -> bool:
        """Whether JupyterLab runs what is in it: scripts, that is."""
        return bool(self.notary.check_signature(_as_read(file.text)))  # type: ignore[no-untyped-call]

    def sign(self, text: str) -> None:
        """Have JupyterLab run what is in it."""
        self.notary.sign(_as_read(text))  # type: ignore[no-untyped-call]


def _as_read(text: str) -> Any:
    """A notebook as JupyterLab reads it, which is what it looks for the signature of."""
    import nbformat

    return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]


def has_signatures() -> bool:
    """Whether anything was signed for that JupyterLab, since `make clean` for instance."""
    return (lab.own() / "data" / "nbsignatures.db").is_file()


def put(path: Path, data: bytes, *, like: Path | None) -> None:
    """Write a file whole or not at all, open to whom `like` is open; without it, to whom the umask says."""
    part = path.with_name(f".{path.name}.part")  # one run writes here at a time
    try:
        part.write_bytes(data)
        if like:
            shutil.copymode(like, part)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
