"""An interval as its blocks come in, from a record of the book."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge.statistics import ratio_interval
from benchmarks.judge.verdict import judge
from benchmarks.result.analysis import analyse
from benchmarks.show.figures import Picture
from benchmarks.show.style import (
    INK_2,
    PAPER_2,
    VERDICTS,
    WIDTH,
    canvas,
    place,
    ratio_label,
    ratio_range,
    ratio_ticks,
    svg,
    title,
)
from benchmarks.store import records
from labs.errors import LabError

if TYPE_CHECKING:
    from benchmarks.judge.statistics import Interval
    from benchmarks.judge.verdict import Judgement


def growing(claim: str) -> Picture:
    """The interval after two blocks, after three, and so on, beside the band that does not matter.

    Raises LabError where the claim has no recorded effect.
    """
    record = records.find_reference(claim)
    if record is None or record.kind != "effect":
        raise LabError(f"{claim} has no recorded ratio; `python -m benchmarks scorecard` lists the claims that have")
    analysis = analyse(record)
    ratios = analysis.main.ratios
    seen = {n: ratio_interval(ratios[:n]) for n in range(2, len(ratios) + 1)}
    matters = analysis.main.judgement.matters
    says = analysis.row.says if analysis.row else "difference"
    judged = {n: judge(interval, matters=matters, says=says) for n, interval in seen.items()}
    settled = next((n for n in judged if all(judged[m].name != "undecided" for m in judged if m >= n)), None)
    first, last = seen[2], analysis.main.interval
    caption = f"{claim}: after two blocks {words.spread(first)}, after {last.n} {words.spread(last)}. " + (
        f"From block {settled} on the rule would say the same to the end." if settled else "It stays undecided."
    )
    alt = f"The 95 % interval of the ratio after each block, narrower with each. {caption}"
    return Picture(svg=_draw(seen, judged, list(ratios), 1 + matters, alt), caption=caption, alt=alt)


def _draw(seen: dict[int, Interval], judged: dict[int, Judgement], ratios: list[float], edge: float, alt: str) -> str:
    # the first intervals are so wide that the rest would be a line: the axis is fitted to what three blocks say
    low, high = ratio_range([interval for n, interval in seen.items() if n >= 3], edge)
    low, high = min(low, *(r / 1.02 for r in ratios)), max(high, *(r * 1.02 for r in ratios))
    with canvas(WIDTH, 3.9) as figure:
        axes = place(figure, 0.6, 0.5, WIDTH - 0.8, 2.8)
        axes.axhspan(1 / edge, edge, color=PAPER_2, linewidth=0, zorder=0)
        axes.axhline(1, color=INK_2, linewidth=1.4, dashes=(3, 2))
        axes.plot(range(1, len(ratios) + 1), ratios, "o", color=INK_2, markersize=4, alpha=0.5, markeredgewidth=0)
        for n, interval in seen.items():
            assert interval.low is not None
            assert interval.high is not None
            colour = VERDICTS[judged[n].name]
            axes.plot([n, n], [max(interval.low, low), min(interval.high, high)], color=colour, linewidth=2.2)
            axes.plot([n], [interval.estimate], "s", color=colour, markersize=6)
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        ticks = ratio_ticks(low, high)
        axes.set_yticks(ticks, [ratio_label(tick) for tick in ticks])
        axes.minorticks_off()
        axes.set_xlim(0.5, len(ratios) + 0.5)
        axes.set_xticks(range(1, len(ratios) + 1, max(1, math.ceil(len(ratios) / 15))))
        axes.set_xlabel("blocks so far")
        title(axes, "Ratio", "dots are blocks, bars the interval of all so far")
        return svg(figure, alt)
