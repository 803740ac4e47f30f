"""Everything that a record holds, in a form that can be read."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.codec import encode
from benchmarks.judge import metrics, starved, statistics
from benchmarks.judge.statistics import UndefinedError
from benchmarks.plan import workload
from benchmarks.plan.ledger import UnknownClaimError, ledger
from benchmarks.result import cost, held, seen
from benchmarks.result.analysis import Analysis, analyse
from benchmarks.show import parts as parts_of
from benchmarks.show import provenance
from benchmarks.store import origin
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.store.records import Record
    from benchmarks.trials.block import Block
    from benchmarks.trials.trial import Trial


def report(record: Record) -> str:
    """The record as plain text, a part after another; ends with the command that repeats it."""
    parts = [
        _head(record),
        *(_effect(record) if record.kind == "effect" else [_checks(record)]),
        provenance.lines(record),
    ]
    return "\n\n".join(part for part in parts if part)


def others(record: Record, arm: str, point: Any = None) -> dict[str, str]:
    """The other metrics of an arm, by their short names: shown, never judged. A metric that does not exist there is left out."""
    judged, found = record.experiment["metric"], {}
    for metric in metrics.METRICS.values():
        if metric.name == judged:
            continue
        try:
            values = [metric.read(metrics.pool(block.of(arm, point))) for block in record.counted]
        except UndefinedError:
            continue
        found[metric.short] = words.quantity(statistics.value_interval(values).estimate, metric.unit)
    return found


def labels(analysis: Analysis) -> list[str]:
    """Short names of the other metrics, of those that exist for any arm."""
    seen = {
        label for point in analysis.points for arm in point.arms for label in others(analysis.record, arm, point.value)
    }
    return [metric.short for metric in metrics.METRICS.values() if metric.short in seen]


def _head(record: Record) -> str:
    try:
        statement = ledger()[record.id].statement
    except UnknownClaimError:
        statement = "(a control, no claim of the chapter)"
    site = record.data.get("site")
    whose = f"\nMeasured on a site of your own: {origin.site_named(site)}" if site else ""
    return f"{record.id}\n{statement}{whose}"


def _effect(record: Record) -> list[str]:
    experiment = record.experiment
    void = [f"  block {block.number}: {_void(record, block)}" for block in record.blocks if block.void is not None]
    voids = "\n".join(["Blocks that do not count", *void]) if void else ""
    try:
        analysis = analyse(record)
    except UndefinedError as error:
        return [_answered(record) or f"undecided: {error}", voids, _failures(record), _cost(record)]
    lines = [_answered(record) or analysis.sentence, f"  why       {analysis.reason}"]
    if analysis.provisional:
        lines.append("  blocks    fewer than ten: a hint, not a verdict")
    main = f" at {analysis.at(analysis.main)}" if len(analysis.points) > 1 else ""
    lines += [
        f"  ratio     {words.times(analysis.interval)}{main}, {words.counted(analysis.interval.n, 'block')}; {analysis.ratio_label}, above 1 speaks for the chapter",
        f"  judged    {analysis.metric.label}, {analysis.better} is better; {100 * experiment['matters']:.0f} % or more matters; expected: {_expected(experiment)}",
        f"  regime    {experiment['regime']}",
        f"  workload  {workload.from_json(experiment['workload'])}",
    ]
    if analysis.beside:
        lines.append(f"  beside    {analysis.beside}{main}")
    if analysis.crossing:
        lines.append(f"  sweep     {analysis.crossing.text(experiment['factor'].get('unit') or '')}")
    limits: Mapping[str, str] = record.data.get("limiter") or {}
    lines += [f"  limiter   {arm}: {text}" for arm, text in limits.items()]
    lines += [f"  unfit     {why}" for why in analysis.unfit]
    parts = ["\n".join(lines), _values(analysis), _blocks(analysis), _others(analysis)]
    beside = [parts_of.servers(record), parts_of.events(record), parts_of.samples(record)]
    return [*parts, *beside, voids, _failures(record), _cost(record)]


def _answered(record: Record) -> str:
    """The answer of a smoke run, which has no verdict; empty for a longer one."""
    found = held.answer(record)
    return found.sentence if found else ""


def _void(record: Record, block: Block) -> str:
    """What a block saw that does not count, and why it does not."""
    shown = seen.direction(record, seen.of_block(record, block), True)
    return f"{block.void}{f' (it saw: {shown})' if shown else ''}"


def _expected(experiment: Mapping[str, Any]) -> str:
    match experiment.get("expected"):
        case "favoured" | "against" as side:
            return f"{experiment[side]} better"
        case other:
            return str(other)


def _values(analysis: Analysis) -> str:
    unit = analysis.metric.unit
    rows: list[list[str]] = []
    for point in analysis.points:
        at = [analysis.at(point)] if len(analysis.points) > 1 else []
        rows += [
            [
                *at,
                arm.name,
                arm.deployment,
                words.quantity(arm.interval.estimate, unit),
                words.spread(arm.interval, unit),
            ]
            for arm in point.arms.values()
        ]
    at = [analysis.record.experiment["factor"]["label"]] if len(analysis.points) > 1 else []
    return f"{Table(header=[*at, 'arm', 'deployment', analysis.metric.label, '95 % interval'], rows=rows)}"


def _blocks(analysis: Analysis) -> str:
    record, unit = analysis.record, analysis.metric.unit
    rows = []
    for index, block in enumerate(record.counted):
        for point in analysis.points:
            at = [analysis.at(point)] if len(analysis.points) > 1 else []
            values = [words.quantity(arm.values[index], unit) for arm in point.arms.values()]
            rows.append([str(block.number), " ".join(block.order), *at, *values, words.number(point.ratios[index])])
    at = [record.experiment["factor"]["label"]] if len(analysis.points) > 1 else []
    return f"{Table(header=['block', 'order', *at, *analysis.main.arms, 'ratio'], rows=rows)}"


def _others(analysis: Analysis) -> str:
    rows, shown = [], labels(analysis)
    for point in analysis.points:
        at = [analysis.at(point)] if len(analysis.points) > 1 else []
        for arm in point.arms:
            seen = others(analysis.record, arm, point.value)
            rows.append([" ".join([arm, *at]), *(seen.get(label, "") for label in shown)])
    return f"Shown, not judged\n{Table(header=['arm', *shown], rows=rows, note=starved.counted_in(_trials(analysis.record)))}"


def _failures(record: Record) -> str:
    counts: dict[tuple[str, str], int] = {}
    trials: dict[str, list[Trial]] = {}
    for trial in _trials(record):
        trials.setdefault(trial.arm, []).append(trial)
        for reason, count in trial.failures.items():
            counts[trial.arm, reason] = counts.get((trial.arm, reason), 0) + count
    lines = [
        f"  {arm}: {missing} in their window"
        for arm, seen in trials.items()
        if (missing := starved.without_answer(seen))
    ]
    lines += [f"  {arm}: {count} requests failed: {reason}" for (arm, reason), count in counts.items()]
    return "\n".join(["Unanswered and failed", *(lines or ["  none"])])


def _cost(record: Record) -> str:
    """Where the time of the run went; the share under load is what the rest is spent for."""
    if (table := cost.table(record)) is not None:
        return f"What the run cost\n{table}"
    trials = _trials(record)  # a record from before runs counted their phases: those of its trials
    if not trials:
        return ""
    took = [encode(trial.phases) for trial in trials]
    names = list(dict.fromkeys(name for phases in took for name in phases))
    mean = {name: fmean(phases.get(name, 0.0) for phases in took) for name in names}
    whole = sum(mean.values()) or 1.0
    spent = ", ".join(f"{name} {seconds:.1f} s ({seconds / whole:.0%})" for name, seconds in mean.items())
    return f"Time of a trial, on average\n  {spent}"


def _checks(record: Record) -> str:
    verdict = "holds" if record.data["holds"] else "no longer holds"
    note = f"  note      {record.data['note']}\n" if record.data.get("note") else ""
    return f"{verdict}\n{note}\n{checks_table(record.checks)}"


def checks_table(checks: Sequence[Mapping[str, Any]]) -> Table:
    """The checks of a behaviour: what, expected, seen, and whether they agree."""
    rows = [[check["what"], check["expected"], check["seen"], "yes" if check["ok"] else "no"] for check in checks]
    return Table(header=["what", "expected", "seen", "as expected"], rows=rows)


def _trials(record: Record) -> list[Trial]:
    return [trial for block in record.counted for trial in block.trials]


def values_table(record: Record) -> Table:
    """Every arm in a row, at every value of a sweep: the judged metric with its interval, the ratio, and the others."""
    analysis = analyse(record)
    metric, swept = analysis.metric, len(analysis.points) > 1
    shown, rows = labels(analysis), []
    for point in analysis.points:
        at = f", {analysis.at(point)}" if swept else ""
        for arm in point.arms.values():
            seen = others(record, arm.name, point.value)
            inner = words.spread(arm.interval, None if metric.unit else "")
            value = f"{words.quantity(arm.interval.estimate, metric.unit)} ({inner})"
            rows.append([f"{arm.name}{at}", value, *(seen.get(label, "") for label in shown)])
    note = "; ".join(
        f"{analysis.ratio_label}{f' at {analysis.at(point)}' if swept else ''}: {words.times(point.interval)}"
        for point in analysis.points
    )
    note = ". ".join(part for part in (note, starved.counted_in(_trials(record))) if part)
    return Table(header=["arm", f"{metric.short} (judged)", *shown], rows=rows, note=note)
