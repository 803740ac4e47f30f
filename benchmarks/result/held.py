"""A short run held against the book's record: as in the book, differs, or cannot tell and why.

Nothing here is stored. A record's blocks of the short shape foretell where one more would lie (`benchmarks.judge.prediction`).
A record without such blocks is read by its long ones where the metric does not depend on how long one looks: processor time of
a request, memory. A share of failures, or a rate of users who pause, does depend on it: then nothing can be told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.judge import metrics, prediction
from benchmarks.judge.prediction import AS_IN_THE_BOOK, CANNOT_TELL, DIFFERS, Answer, Count, Range, TooFewError
from benchmarks.judge.statistics import UndefinedError
from benchmarks.plan.experiment import SMOKE
from benchmarks.result import seen
from benchmarks.result.point import block_ratio, pooled
from benchmarks.store import records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.store.records import Record

ANY_LENGTH = ("cpu_per_request", "cpu_per_page", "pss")  # metrics that do not depend on how long one looks
SHAPE = ("warmup", "seconds", "turns", "later")  # of the windows: blocks that differ in one are of another shape


@dataclass(frozen=True, kw_only=True)
class Held:
    """The answer of a short run.

    answer     as in the book, differs, or cannot tell
    reason     what is foretold, or why nothing can be told; a part of a sentence
    direction  which arm is ahead here, and by how much, whatever the answer is; empty where no number exists
    ratio      the ratio here at the main point, above 1 for the chapter; None for a behaviour, and where there is none
    low, high  where the record foretells that ratio; None where it does not
    counted    whether the ratio is of blocks that count, or only of disturbed ones
    """

    answer: Answer
    reason: str
    direction: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    counted: bool = True

    @property
    def sentence(self) -> str:
        """Such as "as in the book: prefork, off is better, 2.7 times (foretold: 1.6 to 4.8)"."""
        return f"{self.answer}: {self.beside}" if self.beside else str(self.answer)

    @property
    def beside(self) -> str:
        """What there is to say beside the answer."""
        parts = [part for part in (self.direction, self.reason) if part]
        if self.answer == CANNOT_TELL:
            parts.reverse()
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "answer": self.answer,
            "reason": self.reason,
            "direction": self.direction,
            "ratio": self.ratio,
            "low": self.low,
            "high": self.high,
            "counted": self.counted,
        }


def answer(here: Record) -> Held | None:
    """What a smoke run of this machine answers, beside the tracked record; None for longer runs, which have a verdict."""
    return held(here, records.find_reference(here.id)) if here.profile == SMOKE else None


def held(here: Record, book: Record | None) -> Held | None:
    """The answer of a run of this machine; None where the book has nothing to hold it against."""
    if book is None or here.data.get("site") or book.kind != here.kind:
        return None
    if here.kind == "behaviour":
        return _behaviour(here, book)
    ratio, counted = seen.ratio(here)
    shown = Held(
        answer=CANNOT_TELL, reason="", direction=seen.direction(here, ratio, counted), ratio=ratio, counted=counted
    )
    source = book.short or book
    if why := _unfit(here) or _incomparable(here, source):
        return replace(shown, reason=why)
    try:
        ranges = _ranges(here, source, longer=not _same_shape(here, source))
    except (TooFewError, UndefinedError) as error:
        return replace(shown, reason=str(error))
    return _answer(here, ranges, shown)


def _behaviour(here: Record, book: Record) -> Held:
    good = sum(bool(check["ok"]) for check in here.checks)
    told = f"{good} of {words.counted(len(here.checks), 'check')} as expected"
    if not here.checks:
        return Held(answer=CANNOT_TELL, reason="nothing was looked at")
    if here.data["holds"] == book.data["holds"]:
        return Held(answer=AS_IN_THE_BOOK, reason=told)
    others = words.listed(str(check["what"]) for check in here.checks if not check["ok"])
    return Held(answer=DIFFERS, reason=f"{told}; in the book {_all(book)}{f': {others}' if others else ''}")


def _all(book: Record) -> str:
    return f"{sum(bool(check['ok']) for check in book.checks)} of {len(book.checks)}"


def _unfit(here: Record) -> str:
    """Why a run answers nothing, whatever its numbers are."""
    if here.data.get("stopped") == "not over":
        return "the run is not over"
    if not here.counted:
        return f"disturbed: {seen.disturbances(here.blocks)}" if here.blocks else "no block was finished"
    return "; ".join(here.data.get("limits", ()))


def _incomparable(here: Record, source: Record) -> str:
    """Why the blocks of the book and those here are about different things."""
    mine, theirs = here.experiment, source.experiment
    changed = [key for key in ("metric", "better", "favoured", "against") if mine[key] != theirs[key]]
    if changed:
        return f"the record is of another {words.listed(changed)}; measured anew it can tell"
    if not _common(here, source):
        return "the record has no block at the values that were visited here"
    if not _same_shape(here, source) and mine["metric"] not in ANY_LENGTH:
        label = metrics.find(mine["metric"]).label
        return f"the record has no blocks of this length, and {label} depends on it"
    return ""


def _same_shape(here: Record, source: Record) -> bool:
    windows = [{"turns": 1, **record.data.get("windows", {})} for record in (here, source)]
    loads = [record.experiment.get("workload") for record in (here, source)]
    return loads[0] == loads[1] and all(windows[0].get(key) == windows[1].get(key) for key in SHAPE)


def _common(here: Record, source: Record) -> list[Any]:
    """The values of the sweep that both visited; [None] without a sweep."""
    mine, theirs = ((record.experiment.get("factor") or {}).get("values", [None]) for record in (here, source))
    return [value for value in mine if value in theirs]


def _ranges(here: Record, source: Record, *, longer: bool) -> dict[Any, list[Range]]:
    """At each value that both visited: where the ratio should lie, or the counts of either arm."""
    experiment, points = here.experiment, _common(here, source)
    if metrics.find(experiment["metric"]).share is None:
        return {
            value: [prediction.ratios(_ratios(source, value), _ratios(here, value), longer=longer, points=len(points))]
            for value in points
        }
    arms = [experiment[side] for side in ("favoured", "against")]
    return {
        value: [
            prediction.counts(
                _counts(source, arm, value), _counts(here, arm, value), longer=longer, points=2 * len(points)
            )
            for arm in arms
        ]
        for value in points
    }


def _ratios(record: Record, value: Any) -> list[float]:
    return [block_ratio(record.experiment, block.trials, value) for block in record.counted]


def _counts(record: Record, arm: str, value: Any) -> list[Count]:
    share = metrics.find(record.experiment["metric"]).share
    assert share is not None
    found = [share(pooled(block.trials, arm, value)) for block in record.counted]
    return [Count(count=count, total=total) for count, total in found]


def _answer(here: Record, ranges: Mapping[Any, Sequence[Range]], shown: Held) -> Held:
    apart = [value for value, found in ranges.items() if not all(each.holds for each in found)]
    at = seen.main(here) if seen.main(here) in ranges else next(iter(ranges))
    told = [_told(here, value, ranges[value]) for value in apart or [at]]
    found = replace(shown, answer=DIFFERS if apart else AS_IN_THE_BOOK, reason="; ".join(told))
    if metrics.find(here.experiment["metric"]).share is not None:
        return found
    return replace(found, low=ranges[at][0].low, high=ranges[at][0].high)


def _told(here: Record, value: Any, found: Sequence[Range]) -> str:
    factor = here.experiment.get("factor")
    where = f" at {words.level(value, factor.get('unit'))}" if factor and value is not None else ""
    metric = metrics.find(here.experiment["metric"])
    if metric.share is None:
        each = found[0]
        seen_there = f"{words.number(each.here)} there, " if value != seen.main(here) else ""
        return f"{seen_there}foretold{where}: {words.number(each.low)} to {words.number(each.high)}"
    sides = zip(("favoured", "against"), found, strict=True)
    parts = [
        f"{here.experiment[side]} {_amount(each.here, metric)}, foretold {_amount(each.low, metric)} to {_amount(each.high, metric)}"
        for side, each in sides
    ]
    return f"{metric.label}{where}: {'; '.join(parts)}"


def _amount(number: float, metric: metrics.Metric) -> str:
    return words.number(number) if metric.unit else f"{100 * number:.2g} %"
