"""The figure of an effect: the values of every arm above, their ratio beside the line at 1 below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.show.style import (
    HERE,
    INK,
    INK_2,
    PAPER,
    PAPER_2,
    THERE,
    VERDICTS,
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

    from benchmarks.judge.statistics import Interval
    from benchmarks.result.analysis import Analysis

ROW = 0.31  # inches


def draw(found: Sequence[tuple[str, Analysis]], label: str) -> str:
    """An effect as SVG, drawn from analyses with the names of their sources; `label` is its text alternative."""
    first = found[0][1]
    arms = [
        first.against,
        first.favoured,
        *(arm for arm in first.main.arms if arm not in (first.against, first.favoured)),
    ]
    looks = marks({arm: first.main.arms[arm].deployment for arm in [first.favoured, *arms]})
    rows = [(arm, name, analysis) for arm in arms for name, analysis in found if arm in analysis.main.arms]
    left = 0.35 + 0.095 * max([len(arm) for arm in arms] + [len(THERE if len(found) == 1 else HERE)])
    width = WIDTH - left - 1.75
    upper, lower = ROW * len(rows) + 0.1 * (len(arms) - 1), ROW * len(found)
    with canvas(WIDTH, upper + lower + 1.8) as figure:
        values = place(figure, left, 0.45, width, upper)
        _values(values, rows, looks, first, len(found))
        ratios = place(figure, left, upper + 1.2, width, lower)
        _ratios(ratios, found)
        return svg(figure, label)


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
    row, last = 0.0, None
    for arm, name, analysis in rows:
        row += (0 if last is None else 1) + (0.1 / ROW if last not in (None, arm) else 0)
        seen, (colour, mark) = analysis.main.arms[arm], looks[arm]
        here = name == HERE or sources == 1
        axes.plot(
            [value * scale for value in seen.values],
            [row] * len(seen.values),
            "o",
            color=colour,
            markersize=4,
            alpha=0.25,
            markeredgewidth=0,
        )
        _bar(axes, seen.interval, row, colour, mark, scale=scale, hollow=here and sources > 1)
        if arm != last:
            _name(axes, arm, row, colour, bold=True)
        if not here:
            _name(axes, THERE, row, INK_2)
        _number(axes, words.quantity(seen.interval.estimate, metric.unit), row)
        last = arm
    axes.set_ylim(row + 0.6, -0.6)
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
    title(
        axes,
        f"{metric.label[0].upper()}{metric.label[1:]}, {unit}",
        f"{first.better} is better{', log axis' if log else ''}",
    )


def _ratios(axes: Axes, found: Sequence[tuple[str, Analysis]]) -> None:
    """The ratio with its interval beside the line at 1; the band is what does not matter."""
    edge = 1 + found[0][1].main.judgement.matters
    low, high = ratio_range([a.interval for _, a in found], edge)
    axes.axvspan(1 / edge, edge, color=PAPER_2, linewidth=0, zorder=0)
    axes.axvline(1, color=INK_2, linewidth=1.4, dashes=(3, 2))
    for row, (name, analysis) in enumerate(found):
        _bar(axes, analysis.interval, row, VERDICTS[analysis.name], "s", hollow=name == HERE and len(found) > 1)
        _name(axes, name, row, INK if name == HERE or len(found) == 1 else INK_2)
        _number(
            axes,
            f"{words.number(analysis.interval.estimate)} ({words.spread(analysis.interval)})"
            if analysis.interval.known
            else words.number(analysis.interval.estimate),
            row,
        )
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = ratio_ticks(low, high)
    axes.set_xticks(ticks, [ratio_label(tick) for tick in ticks])
    axes.minorticks_off()
    axes.grid(visible=False, axis="y")
    title(axes, found[0][1].ratio_label, "right of the line speaks for the chapter")


def _bar(
    axes: Axes, interval: Interval, row: float, colour: str, mark: str, *, scale: float = 1.0, hollow: bool = False
) -> None:
    if interval.low is not None and interval.high is not None:
        axes.plot([interval.low * scale, interval.high * scale], [row, row], color=colour, linewidth=2.2)
    axes.plot(
        [interval.estimate * scale],
        [row],
        mark,
        color=colour,
        markersize=8 if mark not in ("D", "s") else 6.5,
        markerfacecolor=PAPER if hollow else colour,
        markeredgewidth=1.6,
        clip_on=False,
        zorder=4,
    )


def _name(axes: Axes, text: str, row: float, colour: str, *, bold: bool = False) -> None:
    axes.annotate(
        text,
        (0, row),
        (-9, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="center",
        color=colour,
        weight="bold" if bold else "normal",
    )


def _number(axes: Axes, text: str, row: float) -> None:
    axes.annotate(
        text,
        (1, row),
        (12, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=INK,
    )


def _decades(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    whole = [10.0**power for power in powers if low <= 10.0**power <= high]
    if len(whole) >= 3:
        return whole
    return [m * 10.0**power for power in powers for m in (1, 2, 5) if low <= m * 10.0**power <= high]
