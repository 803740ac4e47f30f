"""What an interval promises and what it keeps, for few blocks: a simulation, so that the truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.judge import simulation
from benchmarks.judge.simulation import World
from benchmarks.show.figures import Picture
from benchmarks.show.style import INK, INK_2, SERVERS, WIDTH, canvas, place, svg, title
from benchmarks.tables import Table

if TYPE_CHECKING:
    from benchmarks.judge.simulation import Bounds, Logs

BLOCKS = (3, 4, 6, 8, 10, 15, 20)
RUNS = 2000
RESAMPLES = 400
PROMISE = 0.95


def bootstrap(logs: Logs, *, seed: int = 1) -> Bounds:
    """The percentile bootstrap: draw the blocks again with replacement, and take the middle 95 % of the means."""
    draw = np.random.default_rng(seed)
    runs, blocks = logs.shape
    low, high = np.empty(runs), np.empty(runs)
    for part in np.array_split(np.arange(runs), max(1, runs * blocks * RESAMPLES // 4_000_000)):
        chosen = draw.integers(0, blocks, (len(part), RESAMPLES, blocks))
        means: np.ndarray[Any, np.dtype[np.float64]] = np.take_along_axis(logs[part][:, None, :], chosen, axis=2).mean(
            2
        )
        low[part], high[part] = np.quantile(means, ((1 - PROMISE) / 2, (1 + PROMISE) / 2), axis=1)
    return low, high


@dataclass(frozen=True, kw_only=True, repr=False)
class Coverage:
    """Share of intervals that hold the truth, by number of blocks; both promise 95 %."""

    student: dict[int, float]
    bootstrap: dict[int, float]
    disturbed: bool

    @property
    def table(self) -> Table:
        """For people."""
        rows = [[str(n), f"{self.student[n]:.0%}", f"{self.bootstrap[n]:.0%}"] for n in self.student]
        what = "one block in twenty disturbed" if self.disturbed else "no block disturbed"
        note = f"Share of intervals that hold the true ratio, of {RUNS} simulated runs each; {what}."
        return Table(header=["blocks", "Student's t", "bootstrap"], rows=rows, note=note)

    def figure(self) -> Picture:
        """Both over the number of blocks, beside what they promise."""
        few, many = min(self.student), max(self.student)
        caption = (
            f"With {few} blocks Student's t holds the truth in {self.student[few]:.0%} of runs, the bootstrap in "
            f"{self.bootstrap[few]:.0%}; with {many} it is {self.student[many]:.0%} and {self.bootstrap[many]:.0%}."
        )
        alt = f"Share of intervals that hold the true ratio, over the number of blocks, beside the promised 95 %. {caption}"
        with canvas(WIDTH, 3.6) as figure:
            axes = place(figure, 0.6, 0.5, WIDTH - 2.0, 2.5)
            axes.axhline(100 * PROMISE, color=INK_2, linewidth=1.4, dashes=(3, 2))
            axes.annotate("promised", (1, 100 * PROMISE), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", color=INK_2)  # fmt: skip
            for name, seen, colour, mark, beside in (
                ("Student's t", self.student, SERVERS["nginx"], "o-", 7),
                ("bootstrap", self.bootstrap, SERVERS["apache"], "s--", -7),
            ):
                axes.plot(list(seen), [100 * share for share in seen.values()], mark, color=colour)
                axes.annotate(
                    name, (few, 100 * seen[few]), (10, beside), textcoords="offset points", va="center", color=INK
                )
            axes.set_xticks(list(self.student))
            axes.set_xlabel("blocks")
            axes.set_ylim(top=100)
            title(axes, "Intervals that hold the truth, %", "disturbed" if self.disturbed else "undisturbed")
            return Picture(svg=svg(figure, alt), caption=caption, alt=alt)

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def coverage(*, disturbed: bool = False, spread: float = 0.05) -> Coverage:
    """Simulate; the same call gives the same numbers.

    disturbed  one block in twenty has an arm that took a quarter longer, and nobody noticed
    spread     standard deviation of a block's ratio, on the logarithm
    """
    world = World(spread=spread, hits="either arm" if disturbed else "nothing")
    seen = partial(simulation.coverage, world=world, runs=RUNS)
    return Coverage(
        student={n: seen(simulation.student, blocks=n) for n in BLOCKS},
        bootstrap={n: seen(bootstrap, blocks=n) for n in BLOCKS},
        disturbed=disturbed,
    )
