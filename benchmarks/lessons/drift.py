"""The same server twice, while a neighbour takes more and more of the machine: one after the other, and interleaved."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge.statistics import Interval, ratio_interval
from benchmarks.lessons.length import length
from benchmarks.lessons.turn import turn
from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed
from benchmarks.run.trial import place as placement
from benchmarks.show.figures import Picture
from benchmarks.show.style import INK, INK_2, RULE, SERVERS, WIDTH, canvas, place, svg, title
from benchmarks.trust.ramp import Ramp
from labs import deploy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

USERS = 4
PAGE = "/articles/1/"
MOST = 0.9  # of the servers' processor: what the neighbour has taken in the end
GAP = 0.1  # seconds between two windows, for the ramp's length


@dataclass(frozen=True, kw_only=True)
class Series:
    """Windows in the order in which they ran: the name that each went by, and its pages a second."""

    order: str
    names: tuple[str, ...]
    rates: tuple[float, ...]

    @property
    def interval(self) -> Interval:
        """How much faster A seems than B: the first A with the first B, and so on, as pairs."""
        sides = {name: [rate for own, rate in zip(self.names, self.rates, strict=True) if own == name] for name in "AB"}
        return ratio_interval([a / b for a, b in zip(sides["A"], sides["B"], strict=True)])

    @property
    def finding(self) -> str:
        """What somebody would write who believed it."""
        seen = self.interval
        ratio = f"A/B is {words.number(seen.estimate)} ({words.spread(seen)})"
        if seen.known and seen.low is not None and seen.high is not None and seen.low <= 1 <= seen.high:
            return f"{self.order}: {ratio}, no difference seen"
        return f"{self.order}: {ratio}, an effect of nothing"


@dataclass(frozen=True, kw_only=True, repr=False)
class Drift:
    """Both orders on the same server."""

    sequential: Series
    interleaved: Series

    def figure(self) -> Picture:
        """Every window, in the order in which it ran."""
        both = (self.sequential, self.interleaved)
        caption = ". ".join(series.finding for series in both) + "."
        alt = f"Pages a second of every window in the order of time, twice; all fall. A and B are the same server. {caption}"
        top = max(rate for series in both for rate in series.rates) * 1.15
        with canvas(WIDTH, 5.0) as figure:
            for number, series in enumerate(both):
                axes = place(figure, 0.6, 0.45 + 2.5 * number, WIDTH - 0.8, 1.7)
                _draw(axes, series, top)
                axes.set_xlabel(
                    "window, in the order of time" if number else "", loc="right"
                )  # the finding is at the left
            return Picture(svg=svg(figure, alt), caption=caption, alt=alt)

    def __repr__(self) -> str:
        return f"{self.sequential.finding}\n{self.interleaved.finding}"


def drift(*, seed: int = 1) -> Drift:
    """Measure one server under two names, A first and then B, then in pairs whose order is random.

    Raises BusyError when another measurement does not end in time, Missing without nginx.
    """
    count = length().windows
    draw = Random(seed)
    pairs = [name for _ in range(count) for name in draw.sample("AB", 2)]
    placed = placement(pinned=True)
    cpu = min(placed.servers) if placed.servers else None
    with (
        turn("the same server twice"),
        Generator() as generator,
        deploy("fastcgi-nginx", cpus=placed.servers) as site,
    ):
        generator.trial(site.url, Closed(users=USERS, page=PAGE), warmup=0.2, window=0.5, cpus=placed.generator)
        sequential = _series("one after the other", ["A"] * count + ["B"] * count, site.url, generator, cpu)
        interleaved = _series("interleaved", pairs, site.url, generator, cpu)
    return Drift(sequential=sequential, interleaved=interleaved)


def _series(order: str, names: Sequence[str], url: str, generator: Generator, cpu: int | None) -> Series:
    window = length().window
    cpus = placement(pinned=True).generator
    with Ramp(seconds=len(names) * (window + GAP), most=MOST, cpu=cpu):
        loads = [
            generator.trial(url, Closed(users=USERS, page=PAGE), warmup=GAP, window=window, cpus=cpus) for _ in names
        ]
    return Series(order=order, names=tuple(names), rates=tuple(load.requests / load.seconds for load in loads))


def _draw(axes: Axes, series: Series, top: float) -> None:
    places = range(1, len(series.rates) + 1)
    axes.plot(places, series.rates, color=RULE, zorder=1)
    for name, colour, mark in (("A", SERVERS["nginx"], "s"), ("B", SERVERS["flup"], "^")):
        own = [
            (place, rate) for place, own, rate in zip(places, series.names, series.rates, strict=True) if own == name
        ]
        axes.plot([at for at, _ in own], [rate for _, rate in own], mark, color=colour, markersize=7)
        for at, rate in own:
            axes.annotate(name, (at, rate), (0, 7), textcoords="offset points", ha="center", fontsize=9, color=INK)
    axes.set_ylim(0, top)
    axes.set_xticks([])
    axes.locator_params(axis="y", nbins=4)
    title(axes, series.order.capitalize(), "pages a second, A and B are one server")
    axes.annotate(
        series.finding.partition(": ")[2], (0, 0), (0, -6), xycoords="axes fraction", textcoords="offset points",
        va="top", color=INK_2, fontsize=10,
    )  # fmt: skip
