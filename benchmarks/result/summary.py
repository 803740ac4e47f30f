"""What a result says in one line: while a run goes on, and when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.codec import encode
from benchmarks.judge.statistics import UndefinedError
from benchmarks.result.analysis import Analysis, analyse
from benchmarks.store.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.trials.block import Block


def partial(experiment: Mapping[str, Any], blocks: Sequence[Block]) -> Record:
    """A record of what is finished so far; only good for `analyse`."""
    held = [encode(block) for block in blocks]
    return Record(data={"id": experiment["claim"], "kind": "effect", "experiment": experiment, "blocks": held})


def so_far(analysis: Analysis) -> str:
    """The values and the ratio in one line; in a sweep the ratio at each value, and the interval of the main one."""
    interval = analysis.interval
    inner = f" ({words.spread(interval)})" if interval.known else ""
    if len(analysis.points) > 1:
        return "   ".join(
            f"{analysis.at(point)}: {words.number(point.interval.estimate)}{inner if point is analysis.main else ''}"
            for point in analysis.points
        )
    return "   ".join([*values(analysis), f"ratio {words.number(interval.estimate)}{inner}"])


def values(analysis: Analysis) -> list[str]:
    """What each arm came to, such as "off 7.8 pages/s"; in a sweep at its main point."""
    unit = analysis.metric.unit
    return [f"{arm.name} {words.quantity(arm.interval.estimate, unit)}" for arm in analysis.main.arms.values()]


def counted(record: Record) -> str | None:
    """The values of all arms, where counts were compared: a ratio to none says little by itself. None for other metrics."""
    analysis = analyse(record)
    return ", ".join(values(analysis)) if analysis.metric.share and len(analysis.points) == 1 else None


def sentence(record: Record) -> str:
    """The result of a run in one sentence, without the claim's name."""
    if record.kind == "behaviour":
        good, all_ = sum(bool(check["ok"]) for check in record.checks), len(record.checks)
        return f"{'holds' if record.data['holds'] else 'no longer holds'}: {good} of {words.counted(all_, 'check')} as expected"
    try:
        analysis = analyse(record)
    except UndefinedError as error:
        return f"undecided: {error}"
    at = f" at {analysis.at(analysis.main)}" if len(analysis.points) > 1 else ""
    name = f"holds when {analysis.condition}" if analysis.condition else str(analysis.name)
    reason = f"; {analysis.reason}" if analysis.name == "undecided" else ""
    hint = "" if analysis.name == "undecided" or not analysis.provisional else " (a hint: ten make a verdict)"
    blocks = f"{words.counted(analysis.interval.n, 'block')}{hint}"
    return f"{name}: {words.times(analysis.interval)}{at}, {blocks}{reason}"


def failed(record: Record) -> bool:
    """Whether a run gave nothing to judge: every block void, no ratio, or no check at all."""
    if record.kind == "behaviour":
        return not record.checks
    try:
        analyse(record)
    except UndefinedError:
        return True
    return False
