"""Whether a folder of workbooks was written from the book as it is now: then nothing has to be made of it again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from benchmarks.store.records import OWN
from book import lab
from book.contents import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a workbook is made from, and by. A file is known by its size and time: its words are read when it must be written.
INPUTS = (TOP / "_toc.yml", TOP / "book", TOP / "benchmarks", OWN)


def first(folder: Path) -> str | None:
    """The workbook of the first page, where all are as this edition has them; else None."""
    try:
        kept = json.loads(place(folder).read_text("utf8"))
    except (OSError, ValueError):
        return None
    return str(kept["first"]) if kept["key"] == key(folder) else None


def remember(folder: Path, name: str) -> None:
    """Keep that they are so. name: of the workbook of the first page."""
    place(folder).parent.mkdir(parents=True, exist_ok=True)
    place(folder).write_text(json.dumps({"key": key(folder), "first": name}), "utf8")


def place(folder: Path) -> Path:
    """Where it is kept: beside the signatures, which a workbook needs as well."""
    return lab.own() / "data" / f"workbooks-{hashlib.sha256(bytes(folder.resolve())).hexdigest()[:16]}.json"


def key(folder: Path) -> str:
    """Changes with anything that would change a workbook, and when one of them is renamed or gone."""
    names = sorted(path.name for path in folder.glob("*.ipynb"))
    return hashlib.sha256(repr([names, *seen()]).encode()).hexdigest()


def seen() -> Iterator[tuple[str, int, int]]:
    """Path, size and time of each file."""
    for place in INPUTS:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
                state = path.stat()
                yield str(path), state.st_size, state.st_mtime_ns
