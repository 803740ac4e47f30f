"""The look of the figures: colours, marks, and the drawing surface every figure starts from.

A figure uses the colours of the book's style sheet by their hexadecimal value; the site replaces each by its token, so that
a picture follows the light and the dark theme. `tests/benchmarks/test_figures.py` holds the two sides together.
"""

from __future__ import annotations

import html
import io
import math
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from benchmarks.judge.statistics import Interval

HERE, THERE = "this machine", "reference"
WIDTH = 7.2  # inches
STYLE = Path(__file__).with_name("book.mplstyle")

PAPER, PAPER_2, RULE, INK_2, INK = "#fdfcf9", "#f4f2ec", "#dedbd2", "#5c5f63", "#1e2022"
VERDICTS = {"holds": "#1f68b0", "holds when": "#b87400", "no longer holds": "#8f163a", "undecided": "#5d6168"}
SERVERS = {
    "apache": "#b3203f",
    "modwsgi": "#d4708a",
    "nginx": "#2c8f57",
    "lighttpd": "#3c94d3",
    "flup": "#5a3d9c",
    "gunicorn": "#b97d00",
    "uwsgi": "#0c7479",
    "asgi": "#8a4f22",
    "cgi": "#70757b",
}
MARKS = {
    "apache": "o",
    "modwsgi": "v",
    "nginx": "s",
    "lighttpd": "D",
    "flup": "^",
    "gunicorn": "P",
    "uwsgi": "X",
    "asgi": "p",
    "cgi": "*",
}


def server(deployment: str) -> str:
    """The server whose colour a deployment wears: what runs Django inside, else the front-end that tells it apart."""
    first, _, rest = deployment.partition("-")
    if first == "modpython":
        return "apache"
    if first in SERVERS:
        return first
    if first == "fastcgi" and rest in SERVERS:
        return rest
    return next((name for name in SERVERS if name in deployment), "flup")


def marks(deployments: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Colour and mark of each arm; arms of one server share the colour and differ by their mark."""
    chosen: dict[str, tuple[str, str]] = {}
    for arm, deployment in deployments.items():
        name = server(deployment)
        mark = MARKS[name]
        used = {other for _, other in chosen.values()}
        if mark in used:
            mark = next((spare for spare in ("s", "o", "D", "^", "v") if spare not in used), mark)
        chosen[arm] = (SERVERS[name], mark)
    return chosen


@contextmanager
def canvas(width: float, height: float) -> Iterator[Figure]:
    """An empty figure of `width` by `height` inches in the book's style; only what is drawn inside wears it."""
    from matplotlib import rc_context  # imported here: it takes a second
    from matplotlib.figure import Figure
    from matplotlib.style import context

    with rc_context(), context(STYLE):
        yield Figure(figsize=(width, height))


def place(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes with their upper left corner at (`left`, `top`) inches from the figure's."""
    full_width, full_height = figure.get_size_inches()
    return figure.add_axes(
        (left / full_width, 1 - (top + height) / full_height, width / full_width, height / full_height)
    )


def svg(figure: Figure, label: str) -> str:
    """The figure as SVG text with `label` for who cannot see it; the same figure gives the same text every time."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = re.sub(r"\s*<metadata>.*?</metadata>|<!--.*?-->", "", text[text.index("<svg") :], flags=re.DOTALL)
    # A hundredth of a point is finer than any screen; only within tags, since texts hold numbers too
    text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d+\.\d{2})\d+", r"\1", tag[0]), text)
    text = re.sub(r"\s*\n\s*", "\n", text)
    return text.replace("<svg ", f'<svg role="img" aria-label="{html.escape(label, quote=True)}" ', 1)


def ratio_label(ratio: float) -> str:
    """A tick of a ratio axis: 4×, 1×, 1/2."""
    return f"{ratio:.3g}×" if ratio >= 0.9999 else f"1/{1 / ratio:.3g}"


def ratio_ticks(low: float, high: float) -> list[float]:
    """Four to seven round ratios between `low` and `high`, 1 among them."""
    reach = max(high, 1 / low)
    if reach <= 1.3:
        steps = [1 + 0.05 * n for n in range(7)] if reach <= 1.16 else [1, 1.1, 1.2, 1.3]
    elif reach <= 2.2:
        steps = [1, 1.25, 1.5, 2]
    elif reach <= 20:
        steps = [2.0**n for n in range(6)]
    else:
        power = math.ceil(math.log10(reach))
        steps = [10.0**n for n in range(0, power + 1, 1 if power <= 4 else 2)]
    return sorted({t for step in steps for t in (step, 1 / step) if low * 0.999 <= t <= high * 1.001})


def ratio_range(intervals: Sequence[Interval], edge: float) -> tuple[float, float]:
    """Limits of a ratio axis: all intervals, and the band that does not matter, with some air."""
    low = min([1 / edge] + [i.low or i.estimate for i in intervals])
    high = max([edge] + [i.high or i.estimate for i in intervals])
    pad = math.exp(0.06 * math.log(high / low))
    return low / pad, high * pad


def title(axes: Axes, strong: str, soft: str) -> None:
    """What is drawn, and how to read it, on one line above the axes."""
    shown = axes.annotate(
        strong, (0, 1), (0, 9), xycoords="axes fraction", textcoords="offset points", weight="bold", fontsize=11
    )
    axes.annotate(
        soft, (1, 0), (10, 0), xycoords=shown, textcoords="offset points", color=INK_2, fontsize=10, va="bottom"
    )
