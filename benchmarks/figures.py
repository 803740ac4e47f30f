"""The two figures of the book: an effect, and a sweep over the factor that decides it.

Both are drawn from records alone. This machine stands beside the reference where both were measured; 1 is a line, and
above it (or right of it) speaks for the chapter. Marks and names stand at the data, so there is no legend to look up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks import style, words
from benchmarks.analysis import Analysis, Point, analyse
from benchmarks.style import INK, INK_2, PAPER, PAPER_2, RULE, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from benchmarks.records import Record
    from benchmarks.statistics import Interval

HERE, THERE = "this machine", "reference"
WIDTH, ROW = 7.2, 0.31  # inches


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
    return _sweep(found) if found[0][1].record.experiment.get("factor") else _effect(found)


def _effect(found: Sequence[tuple[str, Analysis]]) -> Picture:
    first = found[0][1]
    arms = [
        first.against,
        first.favoured,
        *(arm for arm in first.main.arms if arm not in (first.against, first.favoured)),
    ]
    looks = style.marks({arm: first.main.arms[arm].deployment for arm in [first.favoured, *arms]})
    rows = [(arm, name, analysis) for arm in arms for name, analysis in found if arm in analysis.main.arms]
    left = 0.35 + 0.095 * max([len(arm) for arm in arms] + [len(THERE if len(found) == 1 else HERE)])
    width = WIDTH - left - 1.75
    upper, lower = ROW * len(rows) + 0.1 * (len(arms) - 1), ROW * len(found)
    with style.canvas(WIDTH, upper + lower + 1.8) as figure:
        values = style.place(figure, left, 0.45, width, upper)
        _values(values, rows, looks, first, len(found))
        ratios = style.place(figure, left, upper + 1.2, width, lower)
        _ratios(ratios, found)
        caption = " ".join(_caption(name, analysis) for name, analysis in found)
        alt = f"{_alt(first)} {caption}"
        return Picture(svg=style.svg(figure, alt), caption=caption, alt=alt)


def _values(
    axes: Axes,
    rows: Sequence[tuple[str, str, Analysis]],
    looks: dict[str, tuple[str, str]],
    first: Analysis,
    sources: int,
) -> None:
    """Absolute values: a faint dot a block, the mean with its interval, the number at the end of the row."""
    metric = first.metric
    scale = 1.0 if metric.unit else 100.0
    everything = [value * scale for arm, _, analysis in rows for value in analysis.main.arms[arm].values]
    log = min(everything) > 0 and max(everything) > 12 * min(everything)
    place, last = 0.0, None
    for arm, name, analysis in rows:
        place += (0 if last is None else 1) + (0.1 / ROW if last not in (None, arm) else 0)
        seen, (colour, mark) = analysis.main.arms[arm], looks[arm]
        here = name == HERE or sources == 1
        axes.plot(
            [value * scale for value in seen.values],
            [place] * len(seen.values),
            "o",
            color=colour,
            markersize=4,
            alpha=0.25,
            markeredgewidth=0,
        )
        _bar(axes, seen.interval, place, colour, mark, scale=scale, hollow=not here)
        if arm != last:
            _name(axes, arm, place, colour, bold=True)
        if not here:
            _name(axes, THERE, place, INK_2)
        _number(axes, words.quantity(seen.interval.estimate, metric.unit), place)
        last = arm
    axes.set_ylim(place + 0.6, -0.6)
    axes.set_yticks([])
    if log:
        axes.set_xscale("log")
        axes.set_xlim(min(everything) / 1.5, max(everything) * 1.5)
        ticks = _decades(*axes.get_xlim())
        axes.set_xticks(ticks, [words.number(tick) if tick < 1 else f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    else:
        axes.set_xlim(0, max(everything) * 1.08 or 1)
        axes.locator_params(axis="x", nbins=6)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    unit = metric.unit or "%"
    _title(
        axes,
        f"{metric.label[0].upper()}{metric.label[1:]}, {unit}",
        f"{first.better} is better{', log axis' if log else ''}",
    )


def _ratios(axes: Axes, found: Sequence[tuple[str, Analysis]]) -> None:
    """The ratio with its interval beside the line at 1; the band is what does not matter."""
    edge = 1 + found[0][1].main.judgement.matters
    low, high = _ratio_range([a.interval for _, a in found], edge)
    axes.axvspan(1 / edge, edge, color=PAPER_2, linewidth=0, zorder=0)
    axes.axvline(1, color=INK_2, linewidth=1.4, dashes=(3, 2))
    for place, (name, analysis) in enumerate(found):
        _bar(axes, analysis.interval, place, VERDICTS[analysis.name], "s", hollow=name == THERE and len(found) > 1)
        _name(axes, name, place, INK if name == HERE or len(found) == 1 else INK_2)
        _number(
            axes,
            f"{words.number(analysis.interval.estimate)} ({words.spread(analysis.interval)})"
            if analysis.interval.known
            else words.number(analysis.interval.estimate),
            place,
        )
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = style.ratio_ticks(low, high)
    axes.set_xticks(ticks, [style.ratio_label(tick) for tick in ticks])
    axes.minorticks_off()
    axes.grid(visible=False, axis="y")
    _title(axes, found[0][1].ratio_label, "right of the line speaks for the chapter")


def _sweep(found: Sequence[tuple[str, Analysis]]) -> Picture:
    first = found[0][1]
    factor: dict[str, Any] = first.record.experiment["factor"]
    numeric = first.crossing is not None
    colour, mark = style.marks({"": first.main.arms[first.favoured].deployment})[""]
    edge = 1 + first.main.judgement.matters
    low, high = _ratio_range([point.interval for _, analysis in found for point in analysis.points], edge)
    width, height = WIDTH - 2.1, 2.7
    with style.canvas(WIDTH, height + 1.3) as figure:
        axes = style.place(figure, 0.6, 0.5, width, height)
        axes.axhspan(1 / edge, edge, color=PAPER_2, linewidth=0, zorder=0)
        axes.axhline(1, color=INK_2, linewidth=1.4)
        ends: list[tuple[float, str, str]] = []
        for number, (name, analysis) in enumerate(found):
            shade = colour if number == 0 else INK_2
            points = sorted(analysis.points, key=lambda point: float(point.value)) if numeric else list(analysis.points)
            places = [float(point.value) if numeric else n + 0.12 * number for n, point in enumerate(points)]
            middles = [point.interval.estimate for point in points]
            bounds = [(p.interval.low or p.interval.estimate, p.interval.high or p.interval.estimate) for p in points]
            if numeric:
                axes.fill_between(
                    places, [a for a, _ in bounds], [b for _, b in bounds], color=shade, alpha=0.14, linewidth=0
                )
                axes.plot(places, middles, "-" if number == 0 else "--", color=shade, marker=mark)
            else:
                axes.vlines(places, [a for a, _ in bounds], [b for _, b in bounds], color=shade)
                axes.plot(places, middles, mark, color=shade, markerfacecolor=shade if number == 0 else "none")
            ends.append((middles[-1], name, shade))
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        ticks = style.ratio_ticks(low, high)
        axes.set_yticks(ticks, [style.ratio_label(tick) for tick in ticks])
        axes.minorticks_off()
        _factor_axis(axes, factor, first.points, numeric=numeric)
        _end_names(axes, ends)
        if numeric:
            _boundary(axes, first, factor)
        _title(
            axes,
            f"{first.metric.label[0].upper()}{first.metric.label[1:]}, {first.ratio_label}",
            "above the line speaks for the chapter",
        )
        caption = " ".join(_caption(name, analysis) for name, analysis in found)
        alt = f"{_alt(first)} {caption}"
        return Picture(svg=style.svg(figure, alt), caption=caption, alt=alt)


def _factor_axis(axes: Axes, factor: dict[str, Any], points: Sequence[Point], *, numeric: bool) -> None:
    unit = f", {factor['unit']}" if factor.get("unit") else ""
    axes.set_xlabel(f"{factor['label']}{unit}")
    values = [point.value for point in points]
    if not numeric:
        axes.set_xticks(range(len(values)), [str(value) for value in values])
        axes.set_xlim(-0.5, len(values) - 0.5)
        return
    if min(values) > 0 and max(values) >= 10 * min(values):
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xticks(_apart(sorted(values), log=axes.get_xscale() == "log"))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _boundary(axes: Axes, analysis: Analysis, factor: dict[str, Any]) -> None:
    """The boundary with its interval, named where the line through the points leaves room."""
    if analysis.crossing is None or analysis.crossing.interval is None:
        return
    at = analysis.crossing.interval
    if at.low is not None and at.high is not None:
        axes.axvspan(at.low, at.high, color=RULE, alpha=0.6, linewidth=0, zorder=0.5)
    axes.axvline(at.estimate, color=INK_2, linewidth=1.2, linestyle=":")
    rising = analysis.points[-1].interval.estimate > 1
    low, high = axes.transData.transform([(limit, 1) for limit in axes.get_xlim()])[:, 0]
    late = (axes.transData.transform((at.estimate, 1))[0] - low) / (high - low) > 0.6
    span = f" ({words.spread(at)})" if at.known else ""
    unit = f" {factor['unit']}" if factor.get("unit") else ""
    # A rising line leaves the lower right and the upper left free, a falling one the others.
    axes.annotate(
        f"boundary at {words.number(at.estimate)}{unit}{span}",
        ((at.low if late else at.high) or at.estimate, int(rising == late)),
        (-7 if late else 7, -8 if rising == late else 8),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right" if late else "left",
        va="top" if rising == late else "bottom",
        color=INK_2,
        fontsize=10,
    )


def _bar(
    axes: Axes, interval: Interval, place: float, colour: str, mark: str, *, scale: float = 1.0, hollow: bool = False
) -> None:
    if interval.low is not None and interval.high is not None:
        axes.plot([interval.low * scale, interval.high * scale], [place, place], color=colour, linewidth=2.2)
    axes.plot(
        [interval.estimate * scale],
        [place],
        mark,
        color=colour,
        markersize=8 if mark not in ("D", "s") else 6.5,
        markerfacecolor=PAPER if hollow else colour,
        markeredgewidth=1.6,
        clip_on=False,
        zorder=4,
    )


def _name(axes: Axes, text: str, place: float, colour: str, *, bold: bool = False) -> None:
    axes.annotate(
        text,
        (0, place),
        (-9, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="center",
        color=colour,
        weight="bold" if bold else "normal",
    )


def _number(axes: Axes, text: str, place: float) -> None:
    axes.annotate(
        text,
        (1, place),
        (12, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=INK,
    )


def _title(axes: Axes, strong: str, soft: str) -> None:
    """What is drawn, and how to read it, on one line above the axes."""
    shown = axes.annotate(
        strong, (0, 1), (0, 9), xycoords="axes fraction", textcoords="offset points", weight="bold", fontsize=11
    )
    axes.annotate(
        soft, (1, 0), (10, 0), xycoords=shown, textcoords="offset points", color=INK_2, fontsize=10, va="bottom"
    )


def _end_names(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Names at the ends of their lines, pushed apart where the lines end together."""
    bottom, top = (math.log(limit) for limit in axes.get_ylim())
    least = 0.075 * (top - bottom)
    height: float | None = None
    for value, name, colour in sorted(ends):
        wanted = math.log(value)
        height = wanted if height is None else max(wanted, height + least)
        axes.annotate(
            name,
            (1, math.exp(height)),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=colour,
            weight="bold",
        )


def _ratio_range(intervals: Sequence[Interval], edge: float) -> tuple[float, float]:
    low = min([1 / edge] + [i.low or i.estimate for i in intervals])
    high = max([edge] + [i.high or i.estimate for i in intervals])
    pad = math.exp(0.06 * math.log(high / low))
    return low / pad, high * pad


def _decades(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    whole = [10.0**power for power in powers if low <= 10.0**power <= high]
    if len(whole) >= 3:
        return whole
    return [m * 10.0**power for power in powers for m in (1, 2, 5) if low <= m * 10.0**power <= high]


def _apart(values: Sequence[float], *, log: bool) -> list[float]:
    """Those ticks whose labels do not touch, the first and the last for certain."""
    turn = math.log if log else float
    least = (turn(values[-1]) - turn(values[0])) * 0.055
    kept = [values[0]]
    for value in values[1:-1]:
        if turn(value) - turn(kept[-1]) >= least and turn(values[-1]) - turn(value) >= least:
            kept.append(value)
    return [*kept, values[-1]]


def _caption(name: str, analysis: Analysis) -> str:
    source = "On this machine" if name == HERE else "In the reference run"
    blocks = words.counted(analysis.interval.n, "block")
    if analysis.name == "holds when":
        boundary = analysis.crossing.interval if analysis.crossing else None
        span = f" (95 % interval {words.spread(boundary)})" if boundary and boundary.known else ""
        return f"{source} the statement holds when {analysis.condition}{span}, over {blocks}."
    where = f" at {analysis.at(analysis.main)}" if len(analysis.points) > 1 else ""
    metric = analysis.metric
    both = ", ".join(
        f"{arm} {words.quantity(analysis.main.arms[arm].interval.estimate, metric.unit)}"
        for arm in (analysis.against, analysis.favoured)
    )
    return f"{source}{where}, {metric.label}: {both}; a ratio of {words.number(analysis.interval.estimate)} ({words.spread(analysis.interval)}) over {blocks}."


def _alt(analysis: Analysis) -> str:
    kind = (
        "Ratio over the swept factor"
        if len(analysis.points) > 1
        else "Values of each arm, and their ratio beside the line at 1"
    )
    statement = f" Statement: {analysis.row.statement}" if analysis.row else ""
    return f"{kind}.{statement} Verdict: {analysis.sentence}."
