"""Copies of a reader's files, made without writing anything beside the originals."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from labs.errors import LabError

if TYPE_CHECKING:
    from labs.servers.folder import Folder
    from labs.site import Site

TRIES = 3
# What SQLite keeps beside a database, and what a copy needs of it: not -shm, which it makes anew.
BESIDE = ("-wal", "-journal")


def prepare(site: Site, folder: Folder) -> set[Path]:
    """Put copies of a site's database and files where its variables say, and give the folders that they lie in.

    Raises LabError as `copy` does.
    """
    copied: set[Path] = set()
    place = site.environment.get(site.variables.get("database", ""))
    if site.database is not None and place is not None:
        database = Path(folder.resolve(place))
        database.parent.mkdir(exist_ok=True)
        shutil.copyfile(site.database, database)
        copied.add(database.parent)
    for name, source in site.copies.items():
        copy(source, folder / name)
    if site.place:
        (folder / site.place).mkdir(exist_ok=True)
        copied.add(folder / site.place)
    return copied


def copy(source: Path, target: Path) -> None:
    """Copy a file, an SQLite database with all that belongs to it, or a folder with all that is in it.

    Raises LabError when the source cannot be read, or a database keeps changing while it is copied.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if source.is_dir():
            tree(source, target)
        elif is_database(source):
            database(source, target)
        else:
            shutil.copyfile(source, target)
    except OSError as error:
        raise LabError(f"{source} cannot be copied: {error.strerror or error}.") from error


def is_database(path: Path) -> bool:
    """Whether a file is an SQLite database: they all begin with the same sixteen bytes (SQLite's file format)."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def database(source: Path, target: Path) -> None:
    """Copy a database by its bytes. SQLite itself would write files beside it, even to read it (its page on WAL)."""
    for _ in range(TRIES):
        for end in ("", *BESIDE):
            here, there = Path(f"{source}{end}"), Path(f"{target}{end}")
            if here.exists():
                shutil.copyfile(here, there)
            else:
                there.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(target)) as opened:
                if opened.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
                    return
        except sqlite3.DatabaseError:  # somebody wrote while it was copied
            continue
    raise LabError(
        f"{source} is changing while it is copied, or it is damaged. Stop what writes to it for a moment and try again."
    )


def tree(source: Path, target: Path) -> None:
    """Copy the files of a folder. Who may read them is not copied: the front-end works as somebody else."""
    target.mkdir(parents=True, exist_ok=True)
    for folder, _, names in os.walk(source, followlinks=True):
        inside = target / Path(folder).relative_to(source)
        inside.mkdir(exist_ok=True)
        for name in names:
            here = Path(folder) / name
            if here.exists() and stat.S_ISREG(here.stat().st_mode):
                shutil.copyfile(here, inside / name)


def size(folder: Path, *, limit: int) -> int:
    """Bytes of the files in a folder; counting ends once there are more than `limit`."""
    total = 0
    for place, _, names in os.walk(folder, followlinks=True):
        for name in names:
            try:
                total += (Path(place) / name).stat().st_size
            except OSError:  # a link to nothing
                continue
            if total > limit:
                return total
    return total
