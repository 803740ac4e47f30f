"""What ran on this machine, in the words that end `make book`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from book._ext.data import Claim


def closing(index: str, ran: Sequence[Claim], told: Sequence[Mapping[str, Any]] = ()) -> str:
    """Where the book is, what `ran` came to beside the book, and what did not run, and why.

    ran   claims that have a result of this machine from the run that ends
    told  what `python -m benchmarks run --json` says of each claim; those without a record did not run
    """
    lines = [f"The book is in {index}; {_came_to(ran)}."]
    lines += [f"  {entry['id']}: {_why(entry)}" for entry in told if not entry["record"]]
    return "\n".join(lines)


def broken(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """The claims that did not run to their end and should have.

    What a machine cannot run is none of them, nor is a run that a neighbour spoilt: that is undecided, and the reference
    stands beside it.
    """
    return [str(entry["id"]) for entry in told if not entry["record"] and entry["verdict"] != "cannot run here"]


def _came_to(ran: Sequence[Claim]) -> str:
    if not ran:
        return "no claim ran on this machine"
    same = [claim for claim in ran if claim.book and claim.here and claim.book.verdict == claim.here.verdict]
    undecided = [claim for claim in ran if claim not in same and claim.here and claim.here.verdict == "undecided"]
    alone = [claim for claim in ran if claim not in [*same, *undecided] and not claim.book]
    other = [claim for claim in ran if claim not in [*same, *undecided, *alone]]
    parts = []
    if same:
        parts.append(f"{len(same)} as in the book")
    if undecided:
        ids = words.listed(claim.id for claim in undecided)
        parts.append(f"{len(undecided)} undecided ({ids}: a longer run may settle it)")
    if other:
        parts.append(f"{len(other)} other than in the book ({words.listed(claim.id for claim in other)})")
    if alone:
        parts.append(f"{len(alone)} that the book has no record of yet")
    return f"{words.counted(len(ran), 'claim')} ran on this machine: {', '.join(parts)}"


def _why(entry: Mapping[str, Any]) -> str:
    return f"{'could not run here' if entry['verdict'] == 'cannot run here' else 'failed'}. {entry['reason']}"
