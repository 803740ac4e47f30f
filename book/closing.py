"""What ran on this machine, in the words that end `make book`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from book._ext.data import Claim


def closing(index: str, ran: Sequence[Claim]) -> str:
    """Where the book is and what `ran`, claims that have a result of this machine, came to beside the book's."""
    where = f"The book is in {index}"
    if not ran:
        return f"{where}; no claim ran on this machine."
    same = [claim for claim in ran if claim.book and claim.here and claim.book.verdict == claim.here.verdict]
    undecided = [claim for claim in ran if claim not in same and claim.here and claim.here.verdict == "undecided"]
    alone = [claim for claim in ran if claim not in [*same, *undecided] and not claim.book]
    other = [claim for claim in ran if claim not in [*same, *undecided, *alone]]
    parts = []
    if same:
        parts.append(f"{len(same)} as in the book")
    if undecided:
        parts.append(
            f"{len(undecided)} undecided ({words.listed(claim.id for claim in undecided)}: a longer run may settle it)"
        )
    if other:
        parts.append(f"{len(other)} other than in the book ({words.listed(claim.id for claim in other)})")
    if alone:
        parts.append(f"{len(alone)} that the book has no record of yet")
    return f"{where}; {words.counted(len(ran), 'claim')} ran on this machine: {', '.join(parts)}."
