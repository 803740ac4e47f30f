"""This machine's record beside the book's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import records, runs
from benchmarks.ledger import ledger
from benchmarks.records import NoRecordError
from benchmarks.scorecard import result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.records import Record

_MACHINE = ("cpu", "cpus_usable", "memory_bytes", "kernel", "machine", "os", "virtual")


def compare(claims: Sequence[str] = ()) -> list[dict[str, Any]]:
    """One entry a claim: both results, whether the verdict is the same, and what differs between the machines.

    Without `claims`, all that have both records. Raises NoRecordError when a named one lacks either, or none has both.
    """
    chosen = list(claims) or [row.id for row in ledger() if _both(row.id)]
    if not chosen:
        raise NoRecordError(
            "No claim has both a reference record and one of this machine: python -m benchmarks run --all"
        )
    return [_entry(records.reference(claim), records.latest(claim)) for claim in chosen]


def text(entry: dict[str, Any]) -> str:
    """An entry for people."""
    lines = [
        f"{entry['id']}   {'the same verdict' if entry['agrees'] else 'not the same verdict'}",
        f"  in the book   {entry['book_says']}",
        f"  here          {entry['here_says']}",
    ]
    lines += [
        f"  {name.replace('_', ' ')}: {there} in the book, {here} here"
        for name, (there, here) in entry["differs"].items()
    ]
    return "\n".join(lines)


def _entry(book: Record, here: Record) -> dict[str, Any]:
    there, own = result(book), result(here)
    return {
        "id": book.id,
        "agrees": there["verdict"] == own["verdict"],
        "book": there,
        "here": own,
        "book_says": runs.sentence(book),
        "here_says": runs.sentence(here),
        "differs": _differs(book, here),
    }


def _differs(book: Record, here: Record) -> dict[str, tuple[Any, Any]]:
    """What may explain a different result: the machine, the versions, the length of the run."""
    pairs = {name: (book.data["fingerprint"].get(name), here.data["fingerprint"].get(name)) for name in _MACHINE}
    versions = (book.data["versions"], here.data["versions"])
    pairs |= {name: (versions[0].get(name), versions[1].get(name)) for name in [*versions[0], *versions[1]]}
    pairs["profile"] = (book.profile, here.profile)
    return {name: (a, b) for name, (a, b) in pairs.items() if a != b}


def _both(claim: str) -> bool:
    return (records.REFERENCE / f"{claim}.json").exists() and bool(records.own(claim))
