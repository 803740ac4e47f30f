"""The figure of a sweep: the ratio over the factor that decides it, with its boundary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.show.style import (
    INK_2,
    PAPER_2,
    RULE,
    WIDTH,
    canvas,
    marks,
    place,
    ratio_label,
    ratio_range,
    ratio_ticks,
    svg,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from benchmarks.result.analysis import Analysis
    from benchmarks.result.point import Point


def draw(found: Sequence[tuple[str, Analysis]], label: str) -> str:
    """A sweep as SVG, drawn from analyses with the names of their sources; `label` is its text alternative."""
    first = found[0][1]
    factor: dict[str, Any] = first.record.experiment["factor"]
    numeric = first.crossing is not None
    colour, mark = marks({"": first.main.arms[first.favoured].deployment})[""]
    edge = 1 + first.main.judgement.matters
    low, high = ratio_range([point.interval for _, analysis in found for point in analysis.points], edge)
    width, height = WIDTH - 2.1, 2.7
    with canvas(WIDTH, height + 1.3) as figure:
        axes = place(figure, 0.6, 0.5, width, height)
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
        ticks = ratio_ticks(low, high)
        axes.set_yticks(ticks, [ratio_label(tick) for tick in ticks])
        axes.minorticks_off()
        _factor_axis(axes, factor, first.points, numeric=numeric)
        _end_names(axes, ends)
        if numeric:
            _boundary(axes, first, factor)
        title(
            axes,
            f"{first.metric.label[0].upper()}{first.metric.label[1:]}, {first.ratio_label}",
            "above the line speaks for the chapter",
        )
        return svg(figure, label)


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
        f"even at {words.number(at.estimate)}{unit}{span}",
        ((at.low if late else at.high) or at.estimate, int(rising == late)),
        (-7 if late else 7, -8 if rising == late else 8),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right" if late else "left",
        va="top" if rising == late else "bottom",
        color=INK_2,
        fontsize=10,
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


def _apart(values: Sequence[float], *, log: bool) -> list[float]:
    """Those ticks whose labels do not touch, the first and the last for certain."""
    turn = math.log if log else float
    least = (turn(values[-1]) - turn(values[0])) * 0.055
    kept = [values[0]]
    for value in values[1:-1]:
        if turn(value) - turn(kept[-1]) >= least and turn(values[-1]) - turn(value) >= least:
            kept.append(value)
    return [*kept, values[-1]]
