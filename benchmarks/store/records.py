"""Records: one JSON file a claim with everything that was measured, and no verdict.

The reference records are tracked, in `benchmarks/results/reference/<claim>.json`; the reader's own are in
`results/<time>/<claim>.json`, which git ignores. A file appears whole or not at all, and carries a digest of its content.
The form, the digest, and whether the numbers fit each other are checked when a record is read, so whatever uses one need
not check again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.codec import WrongError, decode
from labs.errors import SYSTEM, LabError

if TYPE_CHECKING:
    from benchmarks.trials.block import Block

CHECKOUT = Path(__file__).resolve().parent.parent.parent
REFERENCE = CHECKOUT / "benchmarks" / "results" / "reference"
CROSSCHECK = CHECKOUT / "benchmarks" / "results" / "crosscheck"
# The reader's own records. BOOK_RESULTS moves them: the book's own refresh and tests must not pass for the reader's runs.
OWN = Path(os.environ.get("BOOK_RESULTS") or CHECKOUT / "results")


class RecordError(LabError):
    """A record that cannot be read; the message says where it is broken and what to do."""


class NoRecordError(LabError):
    """Nothing was recorded for this claim yet."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record, checked. `data` is the file as it stands, the rest gives its parts names."""

    data: Mapping[str, Any]
    path: Path | None = None

    @property
    def id(self) -> str:
        """The claim's id, or a control's."""
        return str(self.data["id"])

    @property
    def kind(self) -> str:
        """What it is: "effect" or "behaviour"."""
        return str(self.data["kind"])

    @property
    def profile(self) -> str:
        """How long it was measured: "smoke", "lesson" or "reference"."""
        return str(self.data["profile"])

    @property
    def experiment(self) -> Mapping[str, Any]:
        """Empty for a behaviour."""
        experiment: Mapping[str, Any] = self.data.get("experiment") or {}
        return experiment

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, void ones included; empty for a behaviour."""
        return blocks_of(self.data)

    @property
    def counted(self) -> tuple[Block, ...]:
        """The blocks that are not void."""
        return tuple(block for block in self.blocks if block.void is None)

    @property
    def short(self) -> Record | None:
        """The blocks of the short shape that a reference record holds besides, as a record; None where it has none."""
        short: Mapping[str, Any] | None = self.data.get("short")
        return None if short is None else Record(data={"id": self.id, "kind": self.kind, **short}, path=self.path)

    @property
    def checks(self) -> Sequence[Mapping[str, Any]]:
        """Empty for an effect."""
        checks: Sequence[Mapping[str, Any]] = self.data.get("checks", ())
        return checks


def blocks_of(data: Mapping[str, Any]) -> tuple[Block, ...]:
    """The blocks of a record as its file holds them."""
    from benchmarks.trials.block import Block  # imported here, as the form below: only who reads a record pays for them

    return decode(tuple[Block, ...], data.get("blocks", ()), "blocks")


def check(data: Any, where: str, *, consistent: bool = False) -> None:
    """Raises `RecordError`, naming the first place where `data` is no record of format 1.

    consistent  whether its numbers must fit each other, too
    """
    from benchmarks.store import consistency, form

    try:
        (consistency if consistent else form).check(data)
    except form.NewerError as newer:
        raise RecordError(f"{where} cannot be read here: {newer}. A newer checkout reads it.") from None
    except WrongError as wrong:
        claim = data.get("id") if isinstance(data, Mapping) else None
        again = f" Measure again: python -m benchmarks run {claim}" if isinstance(claim, str) else ""
        raise RecordError(f"{where} is not a complete record: {wrong}.{again}") from None


def read(path: Path) -> Record:
    """The record in a file; raises `NoRecordError` when there is none, `RecordError` when it is broken."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NoRecordError(f"There is no record at {shown(path)}.") from None
    except OSError as error:
        raise RecordError(f"{shown(path)} cannot be read: {error.strerror}.") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise RecordError(
            f"{shown(path)} is not a complete record: the JSON breaks off or is damaged{line}. "
            f"Delete it and measure again: python -m benchmarks run {path.stem}"
        ) from error
    check(data, shown(path))
    if data["id"] != path.stem:
        raise RecordError(f"{shown(path)} holds the record of {data['id']}: its name must be {data['id']}.json")
    kept = data.pop("digest", None)
    if kept is not None and kept != digest(data):
        raise RecordError(
            f"{shown(path)} was changed after it was written: its content does not fit its digest. "
            f"Put the file back as it was, or measure again: python -m benchmarks run {data['id']}"
        )
    check(data, shown(path), consistent=True)
    return Record(data=data, path=path)


def write(data: Mapping[str, Any], folder: Path) -> Path:
    """Write a record into `folder`, whole or not at all, and return its path.

    Raises `RecordError` for a bad one, and where the file cannot be written: what stood there before stands there still.
    """
    check(data, f"The record of {data.get('id')}")
    text = json.dumps({**data, "digest": digest(data)}, indent=1, ensure_ascii=False, allow_nan=False)
    path = folder / f"{data['id']}.json"
    try:
        put(path, f"{text}\n")
    except OSError as error:
        raise RecordError(_unwritten(path, error)) from error
    return path


def put(path: Path, text: str) -> None:
    """Write a file whole or not at all, its folder included; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)  # else a power cut may leave the name without the content
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of a record's content, without its own digest; white space and the order of keys do not matter."""
    plain = json.loads(json.dumps({key: value for key, value in data.items() if key != "digest"}))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _unwritten(path: Path, error: OSError) -> str:
    room = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    advice = SYSTEM[error.errno or 0] if room else "BOOK_RESULTS=/another/folder keeps your records elsewhere."
    kept = path.parent != REFERENCE and path.exists()
    before = f" Its earlier blocks are kept; go on from them: python -m benchmarks run {path.stem} --go-on"
    return f"{shown(path)} cannot be written: {error.strerror or error}. {advice}{before if kept else ''}"


def new_folder(now: datetime | None = None, *, of: str = "") -> Path:
    """A folder name for one run, such as results/2026-11-24-101500; made when the first record is written.

    Runs that say nothing of the book's verdicts have a folder of their own within results/: `of` is "site" for those on a
    site of the reader's own, "crosscheck" for those under other generators.
    """
    now = now or datetime.now(UTC).astimezone()
    top = OWN / of
    folder = top / now.strftime("%Y-%m-%d-%H%M%S")
    number = 2
    while folder.exists():
        folder = top / f"{now.strftime('%Y-%m-%d-%H%M%S')}-{number}"
        number += 1
    return folder


def reference(claim: str) -> Record:
    """The tracked record that the book prints; raises `NoRecordError`."""
    path = REFERENCE / f"{claim}.json"
    if not path.exists():
        raise NoRecordError(f"{claim} has no reference record yet.")
    return read(path)


def find_reference(claim: str) -> Record | None:
    """The reference record, or None when there is none yet."""
    with suppress(NoRecordError):
        return reference(claim)
    return None


def own(claim: str, *, site: bool = False) -> Sequence[Path]:
    """The reader's own records of a claim, oldest first; with `site`, those of a site of the reader's own."""
    return sorted((OWN / "site" if site else OWN).glob(f"*/{claim}.json"))


def latest(claim: str, *, site: bool = False, like: Mapping[str, Any] | None = None) -> Record:
    """The reader's newest own record of a claim; raises `NoRecordError`.

    site  of a site of the reader's own; else of the newsroom. Each record says itself of which it is
    like  only one whose site is described so, such as {"settings": "shop.settings"}
    """
    for path in reversed(own(claim, site=site)):
        record = read(path)
        of = record.data.get("site") or {}
        if bool(of) == site and all(of.get(name) == value for name, value in (like or {}).items()):
            return record
    raise NoRecordError(f"{claim} has not been measured on this machine yet: python -m benchmarks run {claim}")


def mine(claim: str) -> Sequence[Record]:
    """The reader's newest own record of a claim, whatever site it is of, and before it the newest of the other kind.

    The kinds are the newsroom, and a site of the reader's own. Raises `NoRecordError` where there is neither.
    """
    found = []
    for site in (False, True):
        with suppress(NoRecordError):
            found.append(latest(claim, site=site))
    if not found:
        raise NoRecordError(f"{claim} has not been measured on this machine yet: python -m benchmarks run {claim}")
    return sorted(found, key=lambda record: record.path.parent.name if record.path else "")


def best(claim: str) -> Record:
    """The reference record, else the reader's newest own; raises `NoRecordError`."""
    try:
        return reference(claim)
    except NoRecordError:
        return latest(claim)


def shown(path: Path) -> str:
    """A path as it is told to readers: inside the checkout without the part before it."""
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)
