"""A server that stands still for two seconds, told by three ways of measuring."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.lessons.comparison import Comparison, Row
from benchmarks.lessons.length import length
from benchmarks.lessons.turn import turn
from benchmarks.load.process import Generator
from benchmarks.plan.event import Event
from benchmarks.plan.workload import Closed, Open
from benchmarks.run.timeline import Timeline
from benchmarks.show.figures import Picture
from benchmarks.show.style import INK, INK_2, SERVERS, WIDTH, canvas, place, svg, title
from benchmarks.trust import plain
from labs import deploy

if TYPE_CHECKING:
    from benchmarks.load.outcome import TrialLoad
    from benchmarks.plan.workload import Workload
    from labs.runtime.deployment import Deployment

PAGE = "/hello/"
USERS, EACH = 10, 10  # users, and requests a second of each
FREEZE = 2.0  # seconds
LOCUST, PACED, OPEN = "Locust", "this book, users with turns", "this book, open"


def freeze(site: Deployment) -> None:
    """Stop every process of a deployment for two seconds (SIGSTOP), then let them go on."""
    stopped = site.tree()
    for process in stopped:
        process.suspend()
    try:
        time.sleep(FREEZE)
    finally:
        for process in stopped:
            process.resume()


@dataclass(frozen=True, kw_only=True, repr=False)
class Frozen(Comparison):
    """Three rows: Locust's own users, users who keep to their turns, and an open workload."""

    def figure(self) -> Picture:
        """The percentiles of each, on one axis."""
        caption = "; ".join(f"{row.who}: p95 {row.cells[-1]}" for row in self.rows) + "."
        alt = f"The 50th and 95th percentile of the time to answer, a row for each way of measuring, on a logarithmic axis. {caption}"
        with canvas(WIDTH, 0.5 * len(self.rows) + 1.2) as figure:
            axes = place(figure, 2.3, 0.5, WIDTH - 2.6, 0.5 * len(self.rows))
            axes.axvline(1000 * FREEZE, color=INK_2, linewidth=1.4, dashes=(3, 2))
            for number, row in enumerate(self.rows):
                colour = SERVERS["flup"] if number else SERVERS["apache"]
                times = [max(time or 1.0, 1.0) for time in (row.p50, row.p95)]
                axes.plot(times, [number] * 2, color=colour, linewidth=1.2)
                for at, mark, name in ((times[0], "o", "p50"), (times[1], "s", "p95")):
                    axes.plot([at], [number], mark, color=colour, markersize=7)
                    axes.annotate(name, (at, number), (0, 8), textcoords="offset points", ha="center", fontsize=9)
                axes.annotate(
                    row.who, (0, number), (-9, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                    ha="right", va="center", color=INK, weight="bold",
                )  # fmt: skip
            axes.set_ylim(len(self.rows) - 0.5, -0.7)
            axes.set_yticks([])
            axes.set_xscale("log")
            axes.set_xlim(1, 4000)
            axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
            axes.minorticks_off()
            axes.grid(visible=False, axis="y")
            axes.grid(visible=True, axis="x")
            title(axes, "Time to answer, ms", "log axis; the dashed line is the length of the freeze")
            return Picture(svg=svg(figure, alt), caption=caption, alt=alt)


def frozen() -> Frozen:
    """Freeze the same server three times, each in the middle of a run: 100 requests a second are due throughout.

    Raises BusyError when another measurement does not end in time, Missing without nginx.
    """
    seconds = length().frozen
    turns = Closed(users=USERS, page=PAGE, pace=1 / EACH)
    arrivals = Open(rate=USERS * EACH, page=PAGE)
    with (
        turn("the frozen server"),
        deploy("fastcgi-nginx") as site,
        Generator() as generator,
    ):
        with Timeline([Event(freeze)], site, window=seconds) as timeline:
            theirs = plain.run(
                site.url,
                users=USERS,
                seconds=seconds,
                page=PAGE,
                user="constant_throughput",
                rate_each=EACH,
                on_begin=timeline.begin,
            )
        paced = _ours(generator, site, turns, seconds)
        opened = _ours(generator, site, arrivals, seconds)
    due = USERS * EACH * seconds
    return Frozen(
        rows=(
            Row.by_locust(LOCUST, theirs),
            Row.by_us(PACED, paced),
            Row.by_us(OPEN, opened, open_workload=True),
        ),
        note=f"{due} requests were due in each run of {seconds} s, and the server stood still for {FREEZE:g} s of it.",
    )


def _ours(generator: Generator, site: Deployment, workload: Workload, seconds: int) -> TrialLoad:
    with Timeline([Event(freeze)], site, window=seconds) as timeline:
        return generator.trial(site.url, workload, warmup=0.5, window=seconds, on_begin=timeline.begin)
