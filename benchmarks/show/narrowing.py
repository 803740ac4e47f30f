"""A small picture of an interval that narrows, a line a block; the page's own text colour makes it right for light and dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.show.axis import Axis, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.judge.statistics import Interval
    from benchmarks.result.narrowing import Narrowing

COLOUR = "#3584d4"  # told from white and from black alike: 3.8 and 5.5 to 1
WIDTH, PAD, ROW, TOP, BOTTOM = 520, 26, 10, 24, 22
ROWS = 12  # the newest; of more blocks the older ones are as good as these
LEAST = 1e-9  # two blocks that differ by much leave a lower end that is too small for a number
AIR = 1.25  # times the farthest ratio of a block count: the axis is that long, whatever its first intervals were


def draw(seen: Narrowing) -> str:
    """As SVG; the newest interval is the lowest and the strongest."""
    shown = list(seen.intervals)[-ROWS:]
    rows = min(max(seen.of, len(shown)), ROWS)
    last = shown[-1]
    ratios = [each.estimate * AIR for each in shown] + [AIR / each.estimate for each in shown]
    ends = (
        [max(last.high, 1 / max(last.low, LEAST))]
        if len(shown) > 2 and last.low is not None and last.high is not None
        else []
    )
    axis = Axis(width=WIDTH, span=span_of(max(ratios + ends)), pad=PAD)
    floor = TOP + rows * ROW + 4
    parts = [*_ground(seen, axis, floor)]
    for number, interval in enumerate(shown):
        parts += _row(axis, interval, TOP + 6 + number * ROW, newest=interval is last)
    label = f"The ratio after each of {words.counted(len(seen.intervals), 'block')}; the newest: {seen.newest}. Right of 1: {seen.favoured} is better."
    return (
        f'<svg class="run-blocks" role="img" aria-label="{escape(label)}" viewBox="0 0 {WIDTH} {floor + BOTTOM}" '
        f'width="{WIDTH}" height="{floor + BOTTOM}" style="max-width:100%;height:auto;display:block;font-family:var(--sans,inherit)" font-size="12" '
        f'fill="currentColor">{"".join(parts)}</svg>'
    )


def _ground(seen: Narrowing, axis: Axis, floor: float) -> Iterator[str]:
    """The line of no difference, the band of what does not matter, the ticks, and which side is whose."""
    low, high = axis.clipped(1 / (1 + seen.matters)), axis.clipped(1 + seen.matters)
    yield f'<rect x="{low}" y="{TOP}" width="{high - low:.1f}" height="{floor - TOP}" opacity=".08"/>'
    yield f'<path d="M{axis.x(1)} {TOP}V{floor}" stroke="currentColor" opacity=".6"/>'
    yield f'<path d="M{PAD} {floor}H{WIDTH - PAD}" stroke="currentColor" opacity=".3"/>'
    for ratio, name in axis.ticks():
        said = "no difference" if ratio == 1 else name
        yield f'<text x="{axis.x(ratio)}" y="{floor + 15}" text-anchor="middle" opacity=".75">{said}</text>'
    yield f'<text x="{PAD}" y="14">← {escape(seen.against)} better</text>'
    yield f'<text x="{WIDTH - PAD}" y="14" text-anchor="end">{escape(seen.favoured)} better →</text>'


def _row(axis: Axis, interval: Interval, y: float, *, newest: bool) -> Iterator[str]:
    wide, radius, opacity = (3, 4, 1) if newest else (1.5, 2, 0.6)
    if interval.low is not None and interval.high is not None:
        ends = axis.clipped(max(interval.low, LEAST)), axis.clipped(interval.high)
        yield f'<path d="M{ends[0]} {y}H{ends[1]}" stroke="{COLOUR}" stroke-width="{wide}" opacity="{opacity}"/>'
    yield f'<circle cx="{axis.clipped(interval.estimate)}" cy="{y}" r="{radius}" fill="{COLOUR}" opacity="{opacity}"/>'
