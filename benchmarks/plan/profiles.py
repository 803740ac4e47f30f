"""How long to measure: to see that it runs, in a class, or for the book.

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

    @property
    def budget(self) -> int:
        """Counted blocks, at most."""
        return max(self.blocks, self.most or 0)

    def for_experiment(self, experiment: Experiment) -> Profile:
        """This profile, with the windows that the experiment asks for."""
        window: Window | None = experiment.windows.get(self.name)
        if window is None:
            return self
        return Profile(
            name=self.name,
            blocks=window.blocks or self.blocks,
            warmup=window.warmup,
            seconds=window.seconds,
            purpose=self.purpose,
            most=self.most,
            turns=window.turns,
        )

    def again(self) -> Profile:
        """This profile for a turn that is not the first of its arm."""
        return replace(self, warmup=min(self.warmup, AGAIN))


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(name="smoke", blocks=2, warmup=0.4, seconds=0.8, purpose="does it run"),
        Profile(name="lesson", blocks=10, warmup=0.5, seconds=2.5, purpose="about a minute a claim, for a class"),
        Profile(name="reference", blocks=12, most=30, warmup=2.0, seconds=4.0, purpose="what the book prints"),
    )
}


def get(name: str) -> Profile:
    """The profile of this name."""
    if name not in PROFILES:
        raise LabError(f"there is no profile {name!r}; there are {', '.join(PROFILES)}")
    return PROFILES[name]
