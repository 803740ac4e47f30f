"""The figures of the book: an effect, a sweep over the factor that decides it, and two results of several claims.

All are drawn from records alone. This machine stands beside the reference where both were measured; 1 is a line, and
above it (or right of it) speaks for the chapter. Marks and names stand at the data, so there is no legend to look up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge import starved
from benchmarks.judge.statistics import UndefinedError
from benchmarks.result.analysis import Analysis, analyse
from benchmarks.show.style import HERE, THERE, effect, svg, sweep
from benchmarks.show.style import pairs as paired
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.result.comparison import Pair
    from benchmarks.store.records import Record


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A finished figure. A notebook shows it as it is; `caption` is the finding in one sentence, `alt` says it all."""

    svg: str = field(repr=False)
    caption: str
    alt: str

    def __repr__(self) -> str:
        return self.caption

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        return {"image/svg+xml": self.svg, "text/plain": self.caption}, {"image/svg+xml": {"alt": self.alt}}


def draw(here: Record | None, reference: Record | None = None) -> Picture:
    """The figure of a claim: from this machine's record, the reference record, or both.

    Raises `UndefinedError` when a record has no ratio, and ValueError without any record.
    """
    found = [(name, analyse(record)) for name, record in ((HERE, here), (THERE, reference)) if record is not None]
    if not found:
        raise ValueError("there is no record to draw")
    caption = " ".join(_caption(name, analysis) for name, analysis in found)
    kinds = dict.fromkeys(analysis.record.experiment["workload"]["kind"] for _, analysis in found)
    caption += f" {words.listed(kinds).capitalize()} workload."
    alt = f"{_alt(found[0][1])} {caption}"
    kind = sweep if found[0][1].record.experiment.get("factor") else effect
    return Picture(svg=kind.draw(found, alt), caption=caption, alt=alt)


def _caption(name: str, analysis: Analysis) -> str:
    source = "On this machine" if name == HERE else "In the reference run"
    blocks = words.counted(analysis.interval.n, "block")
    beside = f" {analysis.beside[0].upper()}{analysis.beside[1:]}." if analysis.beside else ""
    if analysis.name == "holds when":
        # Where both are even is not where the difference begins to matter: the rule needs more than 1.
        even = analysis.crossing.interval if analysis.crossing else None
        unit = f" {analysis.record.experiment['factor'].get('unit') or ''}".rstrip()
        at = (
            f" Both are even at {words.number(even.estimate)}{unit} ({words.spread(even)})."
            if even and even.known
            else ""
        )
        return f"{source} the statement holds when {analysis.condition}, over {blocks}.{at}{beside}"
    where = f" at {analysis.at(analysis.main)}" if len(analysis.points) > 1 else ""
    metric = analysis.metric
    both = ", ".join(
        f"{arm} {words.quantity(analysis.main.arms[arm].interval.estimate, metric.unit)}"
        for arm in (analysis.against, analysis.favoured)
    )
    trials = [trial for block in analysis.record.counted for trial in block.trials]
    without = starved.counted_in(trials) if metric.name.startswith("latency") else ""
    more = f" {without}." if without else ""
    return f"{source}{where}, {metric.label}: {both}; a ratio of {words.number(analysis.interval.estimate)} ({words.spread(analysis.interval)}) over {blocks}.{beside}{more}"


def _alt(analysis: Analysis) -> str:
    kind = (
        "Ratio over the swept factor"
        if len(analysis.points) > 1
        else "Values of each arm, and their ratio beside the line at 1"
    )
    statement = f" Statement: {analysis.row.statement}" if analysis.row else ""
    return f"{kind}.{statement} Verdict: {analysis.sentence}."


def pairs(found: Sequence[Pair]) -> Picture:
    """The figure of a comparison: both ratios of each claim beside the line at 1; claims without two ratios are named.

    Raises `UndefinedError` when no claim has two ratios that mean the same.
    """
    drawable, caption = _drawable(found)
    alt = f"Ratios with their intervals, two for each claim. {caption}"
    with paired.drawn(drawable, found[0].names) as figure:
        return Picture(svg=svg(figure, alt), caption=caption, alt=alt)


def save(found: Sequence[Pair], path: Path) -> None:
    """Draw a comparison into a file, by its ending as SVG or PNG. Raises LabError when it cannot be written."""
    drawable, caption = _drawable(found)
    try:
        with paired.drawn(drawable, found[0].names) as figure:
            if path.suffix == ".svg":
                path.write_text(svg(figure, caption), "utf-8")
            else:
                figure.savefig(path, format="png", dpi=200)
    except OSError as error:
        raise LabError(f"{path} cannot be written: {error.strerror}.") from error


def _drawable(found: Sequence[Pair]) -> tuple[list[tuple[str, Analysis, Analysis]], str]:
    both = [(pair.first.id, *pair.analyses) for pair in found if pair.analyses]
    if not both:
        raise UndefinedError("there is nothing to draw: no claim has two ratios that mean the same")
    same = sum(pair.agrees for pair in found)
    left = [pair.first.id for pair in found if not pair.analyses]
    without = f" Without two ratios: {words.listed(left)}." if left else ""
    return both, f"{same} of {words.counted(len(found), 'verdict')} are the same.{without}"
