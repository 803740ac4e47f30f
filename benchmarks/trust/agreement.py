"""What a series of reproduction came to: how often each claim had the verdict of the book's record.

The record was measured on another day in a longer profile. "undecided" counts as different, also where it comes each time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.plan.ledger import ledger
from benchmarks.result import scorecard
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.trust.reproduction import Run


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What the runs of one claim came to, in quiet or with a neighbour.

    verdict   what they are held against: that of the book's record; where it has none or is "undecided", the most frequent
              one of the runs that decide. None where there is none
    same      how many runs said it
    others    what the others said, and how often
    effect    a ratio is judged; False for a behaviour, which is true or false
    """

    claim: str
    noisy: bool
    runs: int
    verdict: str | None
    same: int
    others: Mapping[str, int]
    void: int
    effect: bool


def recorded() -> dict[str, str]:
    """What the book's records say now: claim -> verdict, those that are "undecided" left out."""
    said = {entry["id"]: entry["verdict"] for entry in scorecard.entries()}
    return {claim: verdict for claim, verdict in said.items() if verdict not in (None, "undecided")}


def agreements(runs: Sequence[Run], book: Mapping[str, str]) -> list[Agreement]:
    """One entry a claim and neighbourhood, in the order of their first run. book: as `recorded` gives it."""
    found = []
    for claim, noisy in dict.fromkeys((run.claim, run.noisy) for run in runs):
        mine = [run for run in runs if (run.claim, run.noisy) == (claim, noisy)]
        counts = Counter(run.verdict for run in mine)
        decided = [name for name, _ in counts.most_common() if name != "undecided"]
        verdict = book.get(claim) or (decided[0] if decided else None)
        found.append(
            Agreement(
                claim=claim,
                noisy=noisy,
                runs=len(mine),
                verdict=verdict,
                same=counts[verdict] if verdict else 0,
                others={name: count for name, count in counts.items() if name != verdict},
                void=sum(run.void for run in mine),
                effect=ledger()[claim].kind == "effect",
            )
        )
    return found


def table(found: Sequence[Agreement]) -> Table:
    """One row a claim and neighbourhood; one for all effects and one for all behaviours of each."""
    rows = [
        [
            each.claim,
            _beside(each.noisy),
            each.verdict or "undecided",
            f"{each.same} of {each.runs}",
            ", ".join(f"{count} {name}" for name, count in each.others.items()),
        ]
        for each in found
    ]
    for noisy, effect in sorted({(each.noisy, each.effect) for each in found}, key=lambda kind: (kind[0], not kind[1])):
        mine = [each for each in found if (each.noisy, each.effect) == (noisy, effect)]
        same, runs = sum(each.same for each in mine), sum(each.runs for each in mine)
        rows.append(
            [
                "all effects" if effect else "all behaviours",
                _beside(noisy),
                "",
                f"{same} of {runs}",
                f"{same / runs:.0%}",
            ]
        )
    void = sum(each.void for each in found)
    note = (
        f"{words.counted(void, 'block')} did not count and were repeated, as far as the profile allows." if void else ""
    )
    return Table(header=["claim", "beside it", "verdict of the book", "the same", "the others"], rows=rows, note=note)


def _beside(noisy: bool) -> str:
    return "a noisy neighbour" if noisy else "nothing"
