"""Files to which a finished run is a line: what is done survives a crash, and a stopped series goes on where it was.

The reader's own lie in results/campaign/, those that the book shows in benchmarks/results/campaign/.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.store import records
from labs.errors import LabError

if TYPE_CHECKING:
    from pathlib import Path

OWN = records.OWN / "campaign"
REFERENCE = records.REFERENCE.parent / "campaign"


class JournalError(LabError):
    """A file that cannot be read or gone on with; the message says where it is broken and what to do."""


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Add a line, on the disk when this returns. A last line that a crash cut off is taken away first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and (text := path.read_bytes()) and not text.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(text.rfind(b"\n") + 1)
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(entry))
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """Its entries; none where there is no file. A last line that breaks off is a run that was not finished, and left out.

    Raises JournalError, naming the first line that is damaged.
    """
    if not path.exists():
        return []
    lines = path.read_text("utf-8", "replace").removesuffix("\n").split("\n")  # other ends of lines stand in texts
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            entry = None
            if number == len(lines):
                break
        if not isinstance(entry, dict):
            raise JournalError(f"{records.shown(path)} is damaged at line {number}: move it away, and begin anew")
        entries.append(entry)
    return entries


def publish(entries: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write a file of the book, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        part.write_text("".join(map(_line, entries)), "utf-8")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n"
