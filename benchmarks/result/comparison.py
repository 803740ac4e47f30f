"""Two results of the same claims, side by side: the book's and this machine's, two machines', two commits'."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.judge import statistics
from benchmarks.judge.statistics import Interval, UndefinedError
from benchmarks.plan.ledger import ledger
from benchmarks.result import summary
from benchmarks.result.analysis import Analysis, analyse
from benchmarks.result.scorecard import result
from benchmarks.store import origin, records
from benchmarks.store.records import NoRecordError, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BOOK = ("in the book", "here")
ELSEWHERE = {
    "site",
    "crosscheck",
    "campaign",
}  # folders of records that are about something else than a claim's verdict


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The records of one claim on both sides.

    names  of the sides, for people
    """

    first: Record
    second: Record
    names: tuple[str, str] = BOOK

    @property
    def agrees(self) -> bool:
        """Whether the verdict is the same; "undecided" beside any other is not."""
        return bool(result(self.first)["verdict"] == result(self.second)["verdict"])

    @property
    def differs(self) -> origin.Differences:
        """What may explain a different result: the machine, the versions, the code, the length of the run."""
        found = origin.differs(self.first.data, self.second.data)
        if self.first.profile != self.second.profile:
            found["profile"] = self.first.profile, self.second.profile
        return found

    @property
    def analyses(self) -> tuple[Analysis, Analysis] | None:
        """Both, where both have a ratio of the same metric and the same meaning."""
        if "behaviour" in (self.first.kind, self.second.kind):
            return None
        try:
            first, second = analyse(self.first), analyse(self.second)
        except UndefinedError:
            return None
        same = (first.metric, first.better, first.favoured) == (second.metric, second.better, second.favoured)
        return (first, second) if same and first.main.value == second.main.value else None

    @property
    def quotient(self) -> Interval | None:
        """The second ratio by the first, where both have an interval and are about the same thing."""
        return quotient(self.analyses[1].interval, self.analyses[0].interval) if self.analyses else None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        found = self.quotient
        return {
            "id": self.first.id,
            "agrees": self.agrees,
            "sides": [
                {"name": name, "says": summary.sentence(record), **result(record)}
                for name, record in zip(self.names, (self.first, self.second), strict=True)
            ],
            "quotient": found and {"estimate": found.estimate, "low": found.low, "high": found.high},
            "differs": self.differs,
        }

    def __str__(self) -> str:
        width = max(map(len, self.names))
        lines = [f"{self.first.id}   {'the same verdict' if self.agrees else 'not the same verdict'}"]
        lines += [
            f"  {name:<{width}}   {summary.sentence(record)}"
            for name, record in zip(self.names, (self.first, self.second), strict=True)
        ]
        if (found := self.quotient) is not None:
            lines.append(f"  the ratios differ by {words.number(found.estimate)} times ({words.spread(found)})")
        lines += [f"  {name.replace('_', ' ')}: {one} against {other}" for name, (one, other) in self.differs.items()]
        return "\n".join(lines)


def compare(named: Sequence[str] = ()) -> list[Pair]:
    """The pairs that are asked for.

    named  ids of claims, each the book's record beside this machine's newest; nothing, for all claims that have both; or two
           sides, of which at least one is a path: a record, or a folder with records. Of a claim that occurs several times
           below a folder the newest counts

    Raises NoRecordError when a side lacks what is asked for, or nothing is on both.
    """
    if len(named) == 2 and any(_is_path(name) for name in named):
        return _sides(named[0], named[1])
    if strange := [name for name in named if _is_path(name)]:
        raise NoRecordError(f"{strange[0]} has no other side: name two records or two folders, or only claims.")
    chosen = [ledger()[name].id for name in named] or [row.id for row in ledger() if _both(row.id)]
    if not chosen:
        raise NoRecordError(
            "No claim has both a reference record and one of this machine: python -m benchmarks run --all"
        )
    return [Pair(first=records.reference(claim), second=records.latest(claim)) for claim in chosen]


def quotient(top: Interval, bottom: Interval) -> Interval | None:
    """One ratio by another of an independent run, with its 95 % interval (Welch's t on the logarithms).

    None where one of them has no interval.
    """
    if top.spread is None or bottom.spread is None:
        return None
    estimate = math.log(top.estimate / bottom.estimate)
    errors = [each.spread**2 / each.n for each in (top, bottom) if each.spread is not None]
    error = sum(errors)
    if not error:
        return Interval(
            estimate=math.exp(estimate), low=math.exp(estimate), high=math.exp(estimate), n=top.n + bottom.n
        )
    freedom = error**2 / sum(each**2 / (n - 1) for each, n in zip(errors, (top.n, bottom.n), strict=True))
    half = statistics.quantile(max(1, math.floor(freedom))) * math.sqrt(error)
    low, high = math.exp(estimate - half), math.exp(estimate + half)
    return Interval(estimate=math.exp(estimate), low=low, high=high, n=top.n + bottom.n)


def _sides(first: str, second: str) -> list[Pair]:
    sides = [_side(first), _side(second)]
    if len(sides[0]) == len(sides[1]) == 1 and not sides[0].keys() & sides[1].keys():
        ids = [next(iter(side)) for side in sides]
        raise NoRecordError(f"{first} is about {ids[0]} and {second} about {ids[1]}: there is nothing to compare.")
    common = [claim for claim in sides[0] if claim in sides[1]]
    if not common:
        raise NoRecordError(f"{first} and {second} have no claim in common.")
    names = first.rstrip("/"), second.rstrip("/")
    return [Pair(first=sides[0][claim], second=sides[1][claim], names=names) for claim in common]


def _side(name: str) -> Mapping[str, Record]:
    """The records of a path, by their claims; of a claim's id its reference record."""
    if not _is_path(name):
        return {name: records.reference(ledger()[name].id)}
    path = Path(name)
    if not path.is_dir():
        record = records.read(path)
        return {record.id: record}
    found: dict[str, Record] = {}
    known = {row.id for row in ledger()}
    for each in sorted(path.rglob("*.json")):  # folders of runs are named by their time
        if each.stem in known and not ELSEWHERE.intersection(each.relative_to(path).parts):
            found[each.stem] = records.read(each)
    if not found:
        raise NoRecordError(f"There is no record below {records.shown(path)}.")
    return {claim: found[claim] for claim in [row.id for row in ledger()] if claim in found}


def _is_path(name: str) -> bool:
    return "/" in name or name.endswith(".json") or Path(name).is_dir()


def _both(claim: str) -> bool:
    return (records.REFERENCE / f"{claim}.json").exists() and bool(records.own(claim))
