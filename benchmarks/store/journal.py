"""Files to which a finished run is a line: what is done survives a crash, and a stopped series goes on where it was.

The reader's own lie in results/campaign/, those that the book shows in benchmarks/results/campaign/. A file has one writer
at a time: two series in one file would be a run of neither. Who only reads needs no lock, since a line is there or is not.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from benchmarks.store import records
from labs.errors import LabError

if TYPE_CHECKING:
    from io import BufferedRandom
    from pathlib import Path

OWN = records.OWN / "campaign"
REFERENCE = records.REFERENCE.parent / "campaign"


class JournalError(LabError):
    """A file that cannot be read, written or gone on with; the message says where it is broken and what to do."""


class Journal:
    """A file that is being written. Use as a context manager: nobody else may write it meanwhile.

    entries  its lines, those of this writer included

    Raises JournalError where the file is damaged, cannot be written, or has another writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[dict[str, Any]] = []
        self._file: BufferedRandom | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+b")
        except OSError as error:
            raise self._unwritten(error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.entries = _mended(file, self.path)
            _settle(self.path.parent)
        except BlockingIOError:
            file.close()
            raise JournalError(
                f"{records.shown(self.path)} is being written by another process: wait until it is over, or stop it"
            ) from None
        except OSError as error:
            file.close()
            raise self._unwritten(error) from error
        except BaseException:
            file.close()
            raise
        self._file = file
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add a line, on the disk when this returns."""
        if self._file is None:
            raise ValueError("a journal is written within its `with` block")
        try:
            self._file.write(_line(entry).encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._unwritten(error) from error
        self.entries.append(dict(entry))

    def _unwritten(self, error: OSError) -> JournalError:
        return JournalError(
            f"{records.shown(self.path)} cannot be written: {error.strerror or error}. What is finished is kept; "
            "the same command goes on."
        )


def read(path: Path) -> list[dict[str, Any]]:
    """Its entries; none where there is no file. A last line that breaks off is a run that was not finished, and left out.

    Raises JournalError, naming the first line that is damaged.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalError(f"{records.shown(path)} cannot be read: {error.strerror or error}") from error
    return _entries(text, path)[0]


def publish(entries: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write a file of the book, whole or not at all."""
    try:
        records.put(path, "".join(map(_line, entries)))
        _settle(path.parent)
    except OSError as error:
        raise JournalError(f"{records.shown(path)} cannot be written: {error.strerror or error}") from error


def _mended(file: BufferedRandom, path: Path) -> list[dict[str, Any]]:
    """Its entries, once a last line that a crash cut off is taken away, and one that only lacks its end has it."""
    file.seek(0)
    text = file.read()
    entries, good = _entries(text, path)
    if good < len(text):
        file.truncate(good)
    if good and not text[:good].endswith(b"\n"):
        file.write(b"\n")
    file.flush()
    os.fsync(file.fileno())
    return entries


def _entries(text: bytes, path: Path) -> tuple[list[dict[str, Any]], int]:
    """What the lines hold, and how many bytes of the text do: the last line may be torn, or bytes that never reached the disk."""
    entries: list[dict[str, Any]] = []
    good, place = 0, 0
    lines = text.splitlines(keepends=True)  # within a line JSON escapes every end of one
    last = max((number for number, line in enumerate(lines, 1) if line.strip(b" \0\n")), default=0)
    for number, line in enumerate(lines, 1):
        place += len(line)
        if number > last:
            break
        if not entries and not line.strip(b" \0\n"):
            good = place  # a head that was never written: the first entry is the head
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            if number == last:
                break
            entry = None
        if not isinstance(entry, dict):
            raise JournalError(f"{records.shown(path)} is damaged at line {number}: move it away, and begin anew")
        entries.append(entry)
        good = place
    return entries, good if entries else 0


def _settle(folder: Path) -> None:
    """The name of a file outlives a power cut only once its folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n"
