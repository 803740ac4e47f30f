"""What a record tells beside the numbers of whole trials: each server for itself, what happened, and what was seen over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.tables import Table

if TYPE_CHECKING:
    from benchmarks.store.records import Record
    from benchmarks.trials.event import Happened, Seen
    from benchmarks.trials.roles import Used
    from benchmarks.trials.trial import Trial

KINDS = ("reads", "writes")


def servers(record: Record) -> str:
    """CPU time and memory of each server, and of each machine where there are several; empty where the record has none."""
    rows = []
    for name, trials in _arms(record):
        for title, of in (("", "servers"), ("machine ", "machines"), ("beside them: ", "carriers")):
            rows += [[name, f"{title}{label}", *cells] for label, cells in _used(trials, of)]
    if not rows:
        return ""
    table = Table(header=["arm", "server", "CPU/request", "of the arm's CPU", "PSS"], rows=rows)
    return f"Each server for itself, means over windows\n{table}"


def _used(trials: Sequence[Trial], of: str) -> Iterator[tuple[str, list[str]]]:
    seen: list[Mapping[str, Used | float] | None] = [getattr(trial, of) for trial in trials]
    known = [(trial, used) for trial, used in zip(trials, seen, strict=True) if used and trial.requests]
    for label in dict.fromkeys(label for _, used in known for label in used):
        parts = [(trial, used[label]) for trial, used in known if label in used]
        spent = [(trial, used if isinstance(used, int | float) else used.cpu_seconds) for trial, used in parts]
        share = fmean(cpu / trial.cpu_seconds if trial.cpu_seconds else 0.0 for trial, cpu in spent)
        memory = [used.pss_bytes for _, used in parts if not isinstance(used, int | float)]
        yield (
            label,
            [
                words.quantity(fmean(1000 * cpu / trial.requests for trial, cpu in spent), "ms"),
                f"{share:.0%}",
                words.quantity(fmean(memory) / 1e6, "MB") if memory else "",
            ],
        )


def events(record: Record) -> str:
    """What happened within the windows and what was seen of it, as medians over windows; empty where nothing did."""
    rows = []
    for name, trials in _arms(record):
        happened = [trial.events for trial in trials if trial.events]
        for same in zip(*happened, strict=False):
            for kind in KINDS:
                seen = [each for event in same if (each := getattr(event, kind)) is not None]
                rows += [[name, *_event(same), kind, *_seen(seen)]] if seen else []
    if not rows:
        return ""
    header = ["arm", "what", "at", "took", "seen by", "longest gap", "failures", "good again after"]
    return f"What happened within the window, medians over windows\n{Table(header=header, rows=rows)}"


def _event(same: Sequence[Happened]) -> list[str]:
    what = f"{same[0].what} {same[0].of}" if same[0].of else same[0].what
    took = median(event.ended - event.began for event in same)
    return [what, f"{median(event.began for event in same):.1f} s", f"{took:.2f} s"]


def _seen(seen: Sequence[Seen]) -> list[str]:
    repaired = [each.repaired for each in seen if each.repaired is not None]
    never = len(seen) - len(repaired)
    again = f"{median(repaired):.2f} s" if repaired else ""
    return [
        f"{median(each.longest_gap for each in seen):.2f} s",
        words.number(median(each.failures for each in seen)),
        "; ".join(part for part in (again, f"{never} of {len(seen)} not within the window" if never else "") if part),
    ]


def samples(record: Record) -> str:
    """The lowest, the middle and the highest of what was looked at over time; empty where nothing was."""
    rows = []
    for name, trials in _arms(record):
        series: dict[str, list[float]] = {}
        for trial in trials:
            for what, values in (trial.samples.values if trial.samples else {}).items():
                series.setdefault(what, []).extend(value for value in values if value is not None)
        rows += [[name, what, *_spread(values)] for what, values in series.items()]
    if not rows:
        return ""
    table = Table(header=["arm", "what", "lowest", "median", "highest"], rows=rows)
    return f"Seen over time within the windows\n{table}"


def _spread(values: Iterable[float]) -> list[str]:
    known = sorted(values)
    return [f"{each:,.0f}" for each in (known[0], median(known), known[-1])] if known else ["", "", ""]


def _arms(record: Record) -> Iterator[tuple[str, Sequence[Trial]]]:
    """Each arm at each value of a sweep, with its trials in the blocks that count."""
    factor: Mapping[str, Any] = record.experiment.get("factor") or {}
    for point in factor.get("values", [None]):
        for arm in record.experiment["arms"]:
            trials = [trial for block in record.counted for trial in block.of(arm, point)]
            name = arm if point is None else f"{arm} at {point} {factor.get('unit') or ''}".rstrip()
            yield name, trials
