"""How long to measure: to see that it runs as in the book, in a class, or for the book.

Only the reference profile goes on where its blocks are too few: a class has its minute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labs.errors import LabError

if TYPE_CHECKING:
    from benchmarks.plan.experiment import Experiment, Window

AGAIN = 0.15  # seconds of warm-up of servers that are warm, at most


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A length.

    blocks   counted blocks, at least; a void one is repeated
    most     counted blocks, at most: `stopping` says when there are more than `blocks`. None: as many as `blocks`
    warmup   seconds before each window
    seconds  length of each window. Linux counts CPU time in ticks of 10 ms a process, so that a window of a second
             with little load is a rough number
    together all arms of a block are started at once and stay up together, where that changes nothing that is measured: only
             the judged pair is there, idle but for the one whose turn it is. A short run; the record says so
    later    seconds before a window of servers that have had one already, at another value of a sweep; None: as `warmup`
    extra    blocks that may be repeated because others were void, and one more for each further five
    quiet    seconds to wait for a quiet moment, before the first block and after one that a neighbour disturbed
    turns    windows of each arm in a block. With more than one, all arms of a block are up together, idle but for the one
             whose turn it is, and their windows alternate: what drifts from one second to the next meets all of them. The
             windows of an arm are pooled; the block stays the unit of the statistics. The first window of an arm has the
             whole warm-up, the others `AGAIN` seconds: the servers are warm, the users have to get going
    """

    name: str
    blocks: int
    warmup: float
    seconds: float
    purpose: str
    most: int | None = None
    turns: int = 1
    together: bool = False
    later: float | None = None
    extra: int = 3
    quiet: float = 0.0

    @property
    def budget(self) -> int:
        """Counted blocks, at most."""
        return max(self.blocks, self.most or 0)

    def for_experiment(self, experiment: Experiment) -> Profile:
        """This profile, with the windows that the experiment asks for."""
        window: Window | None = experiment.windows.get(self.name)
        if window is None:
            return self
        return replace(
            self,
            blocks=window.blocks or self.blocks,
            warmup=window.warmup,
            seconds=window.seconds,
            turns=window.turns,
            later=window.later,
        )

    def again(self) -> Profile:
        """This profile for a turn that is not the first of its arm."""
        return replace(self, warmup=min(self.warmup, AGAIN))

    def warm(self) -> Profile:
        """This profile for servers that have had a window at another value of the sweep."""
        return self if self.later is None else replace(self, warmup=self.later)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name="smoke",
            blocks=1,
            warmup=0.4,
            seconds=0.8,
            purpose="does it run, and as in the book",
            together=True,
            extra=1,
            quiet=4.0,
        ),
        Profile(
            name="lesson", blocks=10, warmup=0.5, seconds=2.5, purpose="about a minute a claim, for a class", quiet=30.0
        ),
        Profile(
            name="reference", blocks=12, most=30, warmup=2.0, seconds=4.0, purpose="what the book prints", quiet=300.0
        ),
    )
}


def get(name: str) -> Profile:
    """The profile of this name."""
    if name not in PROFILES:
        raise LabError(f"there is no profile {name!r}; there are {', '.join(PROFILES)}")
    return PROFILES[name]
