"""What ran on this machine, in the words that end `make book`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.judge.prediction import AS_IN_THE_BOOK, CANNOT_TELL, DIFFERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Entry = Mapping[str, Any]  # what `python -m benchmarks run --json` says of a claim


def closing(index: str, entries: Sequence[Entry] = ()) -> str:
    """Where the book is, what the claims that ran came to beside it, and what did not run, and why.

    entries  what `python -m benchmarks run --json` says of each claim; those without a record did not run
    """
    lines = [f"The book is in {index}; {_came_to([entry for entry in entries if entry['record']])}."]
    lines += [f"  {entry['id']}: {_why(entry)}" for entry in entries if not entry["record"]]
    return "\n".join(lines)


def broken(entries: Sequence[Entry]) -> list[str]:
    """The claims that did not run to their end and should have.

    What a machine cannot run is none of them, nor is a run that a neighbour spoilt: it cannot tell, and the reference
    stands beside it.
    """
    return [str(entry["id"]) for entry in entries if not entry["record"] and entry["verdict"] != "cannot run here"]


def _came_to(ran: Sequence[Entry]) -> str:
    if not ran:
        return "no claim ran on this machine"
    answers: dict[str | None, list[str]] = {}
    for entry in ran:
        answers.setdefault((entry.get("answer") or {}).get("answer"), []).append(str(entry["id"]))
    parts = []
    if same := answers.get(AS_IN_THE_BOOK):
        parts.append(f"{len(same)} as in the book")
    if other := answers.get(DIFFERS):
        parts.append(f"{len(other)} {'differs' if len(other) == 1 else 'differ'} ({words.listed(other)})")
    if unknown := answers.get(CANNOT_TELL):
        parts.append(f"{len(unknown)} cannot tell ({words.listed(unknown)}: each line above says why)")
    if alone := answers.get(None):
        parts.append(f"{len(alone)} that the book has no record of yet")
    return f"{words.counted(len(ran), 'claim')} ran on this machine: {', '.join(parts)}"


def _why(entry: Entry) -> str:
    return f"{'could not run here' if entry['verdict'] == 'cannot run here' else 'failed'}. {entry['reason']}"
