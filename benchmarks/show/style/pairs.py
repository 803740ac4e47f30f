"""The figure of a comparison: for each claim two ratios with their intervals, beside the line at 1."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.show.style import (
    INK,
    INK_2,
    PAPER,
    RULE,
    VERDICTS,
    WIDTH,
    canvas,
    place,
    ratio_label,
    ratio_range,
    ratio_ticks,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from benchmarks.result.analysis import Analysis

ROW = 0.44  # inches
OFFSET = 0.17  # of a row: the first side stands so far above the middle, the second below


@contextmanager
def drawn(pairs: Sequence[tuple[str, Analysis, Analysis]], names: tuple[str, str]) -> Iterator[Figure]:
    """The figure; the first side has a full mark, the second a hollow one, and the colour is that of the verdict."""
    left = 0.25 + 0.085 * max(len(claim) for claim, _, _ in pairs)
    height = ROW * len(pairs)
    with canvas(WIDTH, height + 1.4) as figure:
        axes = place(figure, left, 0.5, WIDTH - left - 0.9, height)
        axes.grid(visible=False)
        intervals = [each.interval for _, *both in pairs for each in both]
        axes.set_xscale("log")
        low, high = ratio_range(intervals, 1.1)
        axes.set_xlim(low, high)
        axes.set_ylim(len(pairs) - 0.5, -0.5)
        axes.axvline(1, color=INK, linewidth=1)
        for row, (_, first, second) in enumerate(pairs):
            if row:
                axes.axhline(row - 0.5, color=RULE, linewidth=0.6)
            _side(axes, first, row - OFFSET, hollow=False)
            _side(axes, second, row + OFFSET, hollow=True)
        axes.set_yticks(range(len(pairs)), [claim for claim, _, _ in pairs])
        ticks = ratio_ticks(low, high)
        axes.set_xticks(ticks, [ratio_label(tick) for tick in ticks])
        axes.set_xticks([], minor=True)
        title(axes, "Two results", "right of 1 speaks for the chapter")
        axes.set_xlabel(f"full mark: {names[0]}   hollow mark: {names[1]}", fontsize=9, color=INK_2)
        yield figure


def _side(axes: Axes, analysis: Analysis, row: float, *, hollow: bool) -> None:
    interval, colour = analysis.interval, VERDICTS[analysis.name]
    if interval.low is not None and interval.high is not None:
        axes.plot([interval.low, interval.high], [row, row], "-", color=colour, linewidth=2)
    face = PAPER if hollow else colour
    axes.plot([interval.estimate], [row], "o", color=colour, markerfacecolor=face, markersize=6, markeredgewidth=1.4)
    axes.annotate(
        analysis.name,
        (interval.high or interval.estimate, row),
        (5, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=INK_2,
        annotation_clip=False,
    )
