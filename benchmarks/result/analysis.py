"""From a record to what it says: ratios of blocks, intervals, the boundary of a sweep, the verdict and its sentence.

Nothing here is stored. Whoever changes the rule in `verdict.py` changes every verdict of the book at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge import metrics, statistics, verdict
from benchmarks.judge.statistics import Crossing, Interval, UndefinedError
from benchmarks.plan.ledger import Row, UnknownClaimError, ledger
from benchmarks.result import conditions
from benchmarks.result.point import Point, evaluate, pooled
from benchmarks.store.records import Record, RecordError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.judge.verdict import Name, Says


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything that is computed from the record of an effect.

    name   the verdict: "holds", "holds when", "no longer holds" or "undecided"
    unfit  why this run decides nothing, whatever its ratios are: it is not over, or something limited the whole of it
    """

    record: Record
    row: Row | None
    metric: metrics.Metric
    points: Sequence[Point]
    crossing: Crossing | None
    name: Name
    unfit: Sequence[str] = ()

    @property
    def main(self) -> Point:
        """The point whose ratio stands for the whole.

        The only one; in a sweep the one that the experiment names, else the chapter's best case, the highest ratio.
        """
        factor = self.record.experiment.get("factor") or {}
        named = [point for point in self.points if point.value is not None and point.value == factor.get("main")]
        return named[0] if named else max(self.points, key=lambda point: point.interval.estimate)

    @property
    def interval(self) -> Interval:
        """The ratio at `main`."""
        return self.main.interval

    @property
    def favoured(self) -> str:
        """The arm that the chapter speaks for."""
        return str(self.record.experiment["favoured"])

    @property
    def against(self) -> str:
        """The arm that the chapter speaks against."""
        return str(self.record.experiment["against"])

    @property
    def provisional(self) -> bool:
        """Fewer blocks than a verdict of this book needs."""
        return any(point.judgement.provisional for point in self.points)

    @property
    def condition(self) -> str | None:
        """For "holds when": the condition, such as "the time a page waits is above 4 ms"."""
        return (
            conditions.condition(self.record.experiment["factor"], self.points, self.crossing)
            if self.name == "holds when"
            else None
        )

    @property
    def sentence(self) -> str:
        """The verdict as stable text: numbers in it are rounded coarsely, so that noise does not change it."""
        ratio = self.interval.estimate
        match self.name:
            case "holds when":
                return f"holds when {self.condition}"
            case "undecided":
                return "undecided"
            case _ if self.main.judgement.outcome == "no difference":
                return f"{self.name}: no difference that matters"
            case _ if ratio < 1:
                return f"{self.name}: {self._other_way}, {self._by(1 / ratio)}"
            case _:
                return f"{self.name}: {self._chapters_way}, {self._by(ratio)}"

    @property
    def reason(self) -> str:
        """Why the verdict is what it is, in a few words."""
        if self.unfit:
            return "; ".join(self.unfit)
        if len(self.points) == 1:
            return self.main.judgement.reason
        if self.name == "undecided":
            wide = [point for point in self.points if point.judgement.outcome == "open"]
            if not wide:
                return f"both verdicts are seen, and not clearly enough for a look at {len(self.points)} points"
            widest = max(wide, key=lambda point: point.judgement.needed or 10**6)
            return f"at {self.at(widest)} {widest.judgement.reason}"
        return words.listed(f"{point.judgement.name} at {self.at(point)}" for point in self.points)

    def at(self, point: Point) -> str:
        """Where a point lies, with the unit: "5 ms"."""
        return words.level(point.value, (self.record.experiment.get("factor") or {}).get("unit"))

    @property
    def ratio_label(self) -> str:
        """Which arm is divided by which."""
        top, bottom = (self.against, self.favoured) if self.better == "lower" else (self.favoured, self.against)
        return f"{top} ÷ {bottom}"

    @property
    def better(self) -> str:
        """Which values of the metric are better: "lower" or "higher"."""
        return str(self.record.experiment["better"])

    @property
    def beside(self) -> str | None:
        """For a rate, which is never compared alone: the CPU time a request of every arm, at `main`.

        A rate says what a machine did, the time what it cost; only both tell a better server from a busier generator.
        """
        if self.metric.name != "pages_per_second":
            return None
        cost, parts = metrics.find("cpu_per_request"), []
        for name in self.main.arms:
            trials = [pooled(block.trials, name, self.main.value) for block in self.record.counted]
            try:
                value = statistics.value_interval([metrics.value(trial, cost.name) for trial in trials]).estimate
            except UndefinedError:
                parts.append(f"{name} none, since no request was answered")
            else:
                parts.append(f"{name} {words.quantity(value, cost.unit)}")
        return f"{cost.label}: {', '.join(parts)}"

    @property
    def limiter(self) -> str | None:
        """What limited the arms."""
        return limiter(self.record)

    def _by(self, ratio: float) -> str:
        """How much better. Where one side counted nothing, its ratio is only that of the correction: then the count."""
        values = [self.main.arms[arm].interval.estimate for arm in (self.favoured, self.against)]
        if self.metric.share is None or min(values) > 0:
            return f"by about {_factor(ratio)}"
        scale, unit = (1, self.metric.unit) if self.metric.unit else (100, "%")
        return f"with none against about {words.coarse(scale * max(values))} {unit}"

    @property
    def _chapters_way(self) -> str:
        return f"{self.favoured} is better"

    @property
    def _other_way(self) -> str:
        return f"{self.against} is better"


def analyse(record: Record) -> Analysis:
    """Compute what the record of an effect says.

    Raises `UndefinedError`, naming the block, when a ratio does not exist or when every block is void; `RecordError` when
    the record is a behaviour's.
    """
    if record.kind != "effect":
        raise RecordError(f"{record.id} is a behaviour: it has checks, no ratio")
    row = _row(record.id)
    experiment, blocks = record.experiment, record.counted
    if not blocks:
        voids = {block.void for block in record.blocks}
        raise UndefinedError(
            f"no block counts: {words.listed(sorted(str(void) for void in voids)) or 'none was finished'}"
        )
    metric = metrics.find(experiment["metric"])
    factor = experiment.get("factor")
    says = says_of(record.id)
    points = tuple(evaluate(experiment, blocks, value, says) for value in (factor["values"] if factor else [None]))
    crossing = _crossing(points) if factor else None
    name = _over_sweep(points, says) if factor else points[0].judgement.name
    return Analysis(
        record=record,
        row=row,
        metric=metric,
        points=points,
        crossing=crossing,
        name="undecided" if (unfit := _unfit(record)) else name,
        unfit=unfit,
    )


def _over_sweep(points: Sequence[Point], says: Says) -> Name:
    level = verdict.level_of(len(points))
    strict = [
        verdict.judge(
            statistics.ratio_interval(point.ratios, level=level), matters=point.judgement.matters, says=says
        ).name
        for point in points
    ]
    return verdict.over_sweep([point.judgement.name for point in points], strict)


def _unfit(record: Record) -> Sequence[str]:
    """Records from before these were written have neither; the blocks that such a run could not use are void in them."""
    unfinished = ["the run is not over"] if record.data.get("stopped") == "not over" else []
    return (*unfinished, *record.data.get("limits", ()))


def says_of(claim: str) -> Says:
    """Whether the chapter promises a difference here; for what is no claim of the chapter, such as a control, it does."""
    row = _row(claim)
    return row.says if row else "difference"


def limiter(record: Record) -> str | None:
    """What limited the two arms that are judged: one text when it is the same for both, else one an arm.

    Memory is not limited by how fast anything goes, so it has none.
    """
    if record.experiment["metric"] == "pss":
        return None
    said: Mapping[str, str] = record.data.get("limiter") or {}
    judged = [record.experiment[side] for side in ("against", "favoured")]
    found = {arm: said[arm] for arm in judged if arm in said}
    texts = {text for text in found.values() if text}
    if len(texts) <= 1:
        return next(iter(texts), None)
    return "; ".join(f"{arm}: {text}" for arm, text in found.items() if text)


def _crossing(points: Sequence[Point]) -> Crossing | None:
    if not all(words.numeric(point.value) for point in points) or len(points) < 2:
        return None
    ordered = sorted(points, key=lambda point: float(point.value))
    blocks = list(zip(*(point.ratios for point in ordered), strict=True))
    return statistics.crossing([float(point.value) for point in ordered], blocks)


def _factor(ratio: float) -> str:
    return f"{words.coarse(ratio)} times" if ratio >= 2 else f"{words.coarse(100 * (ratio - 1))} %"


def _row(claim: str) -> Row | None:
    try:
        return ledger()[claim]
    except UnknownClaimError:  # a control has a record, but is no claim of the chapter
        return None
