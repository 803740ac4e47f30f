"""Where a run is: what a line on a terminal, or under a notebook's cell, is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.plan.experiment import Point
    from benchmarks.trials.block import Block


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run is.

    phase    waiting (for another measurement on this machine, or for a quiet moment; `detail` says for what), start, verify, warm-up, window,
             drain, stop, done (a block counts) or void (it does not, `detail` says why)
    block    from 1, counting those that count; `of` how many there are to be
    elapsed  seconds since the run began; `left` an estimate of the rest, None before the first block is over
    blocks   those that are over
    """

    claim: str
    phase: str
    block: int
    of: int
    elapsed: float
    left: float | None
    arm: str | None = None
    point: Point | None = None
    detail: str | None = None
    blocks: Sequence[Block] = ()

    @property
    def line(self) -> str:
        """Which block it is, or for what it waits: what is worth a line of a log that grows."""
        return str(self.detail) if self.phase == "waiting" else f"block {min(self.block, self.of)}/{self.of}"


def lines(name: str, say: Callable[[str], None]) -> Callable[[Progress], None]:
    """Reports a run's progress a line at a time: one a block, and one for each time it waits."""
    last = ""

    def tell(step: Progress) -> None:
        nonlocal last
        if step.line != last:
            last = step.line
            say(f"{name}: {last}")

    return tell
