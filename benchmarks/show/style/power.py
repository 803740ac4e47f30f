"""The figure of a campaign: how often an effect of a known size was found, by metric and by tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.judge import metrics
from benchmarks.show.style import INK_2, RULE, VERDICTS, WIDTH, canvas, place, svg
from benchmarks.trust.evidence import OFTEN, Found
from benchmarks.trust.power import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

LINES = {"ours": ("-", "o", VERDICTS["holds"], "this book"), "plain": ("--", "s", INK_2, "plain Locust")}


def draw(entries: Sequence[Found], label: str) -> str:
    """As SVG, two metrics a row; `label` is its text alternative."""
    effects = sorted({each.effect for each in entries})
    width, height = (WIDTH - 1.4) / 2, 1.6
    with canvas(WIDTH, 2 * (height + 0.95) + 0.2) as figure:
        for number, metric in enumerate(PLAIN):
            row, column = divmod(number, 2)
            axes = place(figure, 0.5 + column * (width + 0.5), 0.6 + row * (height + 0.95), width, height)
            axes.axhline(OFTEN, color=RULE, linewidth=1.2)
            for tool, (line, mark, colour, name) in LINES.items():
                mine = {e.effect: e.share.value for e in entries if (e.tool, e.metric) == (tool, metric) and e.share}
                places = [n for n, effect in enumerate(effects) if effect in mine]
                axes.plot(
                    places,
                    [mine[effects[n]] for n in places],
                    line,
                    marker=mark,
                    color=colour,
                    label=name,
                    clip_on=False,
                )
            _axes(axes, metric, effects)
            if number == 0:
                names = [each for each in axes.get_lines() if not str(each.get_label()).startswith("_")]
                figure.legend(handles=names, frameon=False, fontsize=9, loc="upper right", ncols=len(names))
        return svg(figure, label)


def _axes(axes: Axes, metric: str, effects: Sequence[float]) -> None:
    axes.set_title(metrics.find(metric).label, fontsize=10, loc="left")
    axes.set_xticks(range(len(effects)), [f"+{100 * effect:.0f} %" for effect in effects])
    axes.set_xlim(-0.3, len(effects) - 0.7)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, OFTEN, 1], ["0", "50 %", f"{OFTEN:.0%}".replace("%", " %"), "100 %"])
