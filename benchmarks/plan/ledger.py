"""The ledger: every statement of the 2006 chapter that this book tests, in the chapter's order.

The data is `ledger.json`, beside this file. A row says what is claimed and where the book deals with it, never how it
turned out: results live in records, and verdicts are computed from them (see `verdict.py`).
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.judge.verdict import Says

Kind = Literal["behaviour", "effect"]

PATH = Path(__file__).with_name("ledger.json")


class LedgerError(LabError):
    """The ledger cannot be used as it is; the message names the row and the value."""


class UnknownClaimError(LabError):
    """No claim has this id; the message offers the nearest ids."""

    def __init__(self, wanted: str, known: list[str]) -> None:
        near = (
            difflib.get_close_matches(wanted, known, n=3, cutoff=0.65)
            or [i for i in known if wanted and wanted in i][:3]
        )
        hint = f"Did you mean {_either(near)}?" if near else "python -m benchmarks list shows all of them."
        super().__init__(f"There is no claim {wanted!r}. {hint}")
        self.wanted, self.near = wanted, near


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the chapter: `key` begins the ids of its claims, `name` is what readers see."""

    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One claim.

    kind       "behaviour" is true or false on every machine; "effect" has a size
    title      a few words for a heading or a table
    statement  what the chapter says, as one sentence that can be tested
    page       docname of the page that deals with it ("book/fastcgi/startup"); None until there is one
    headline   the finding in a few words, for the front page; None until there is one
    says       for an effect: whether the chapter promises a difference, or that there is none that matters
    """

    id: str
    section: str
    kind: Kind
    title: str
    statement: str
    page: str | None
    headline: str | None
    says: Says = "difference"


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All claims in order. `ledger["tune-keepalive"]` is a `Row`, or raises `UnknownClaimError`."""

    sections: tuple[Section, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, claim: str) -> Row:
        for row in self.rows:
            if row.id == claim:
                return row
        raise UnknownClaimError(claim, [row.id for row in self.rows])

    def section_name(self, row: Row) -> str:
        """The name of the part of the chapter that a claim belongs to."""
        return next(section.name for section in self.sections if section.key == row.section)


def parse(data: Mapping[str, Any], source: str = PATH.name) -> Ledger:
    """A checked ledger; raises `LedgerError` for a row that is incomplete, repeated, or has an impossible value."""
    if data.get("format") != 1:
        raise LedgerError(f"{source}: format is {data.get('format')!r}, this version reads 1")
    try:
        sections = tuple(Section(key=entry["key"], name=entry["name"]) for entry in data["sections"])
        entries = list(data["claims"])
    except (KeyError, TypeError) as error:
        raise LedgerError(f"{source}: sections need a key and a name, and claims a list ({error})") from error
    rows: dict[str, Row] = {}
    for number, entry in enumerate(entries, 1):
        row = _row(entry, f"{source}: claim {number}", {section.key for section in sections})
        if row.id in rows:
            raise LedgerError(f"{source}: claim {number}: id {row.id!r} is there twice")
        rows[row.id] = row
    return Ledger(sections=sections, rows=tuple(rows.values()))


def load(path: Path = PATH) -> Ledger:
    """The ledger in a file; raises `LedgerError` with the line when it is not JSON."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise LedgerError(f"{path.name}, line {error.lineno}: not JSON ({error.msg})") from error
    return parse(data, path.name)


@cache
def ledger() -> Ledger:
    """The book's own ledger, read once."""
    return load()


def _row(entry: Mapping[str, Any], where: str, sections: set[str]) -> Row:
    where = f"{where} ({entry.get('id', 'no id')})"
    for key in ("id", "section", "kind", "title", "statement"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise LedgerError(f"{where}: {key} must be text, it is {entry.get(key)!r}")
    for key, allowed in (("section", sections), ("kind", {"behaviour", "effect"})):
        if entry[key] not in allowed:
            raise LedgerError(f"{where}: {key} {entry[key]!r} is none of {', '.join(sorted(allowed))}")
    for key in ("page", "headline"):
        if not isinstance(entry.get(key), str | None):
            raise LedgerError(f"{where}: {key} must be text or null, it is {entry[key]!r}")
    says = entry.get("says", "difference")
    if says not in ("difference", "no difference"):
        raise LedgerError(f"{where}: says {says!r} is neither 'difference' nor 'no difference'")
    unknown = set(entry) - set(Row.__dataclass_fields__)
    if unknown:
        raise LedgerError(f"{where}: unknown field {_either(sorted(unknown))}")
    return Row(
        id=entry["id"],
        section=entry["section"],
        kind=cast("Kind", entry["kind"]),
        title=entry["title"],
        statement=entry["statement"],
        page=entry.get("page"),
        headline=entry.get("headline"),
        says=cast("Says", says),
    )


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
