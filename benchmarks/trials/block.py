"""One block: every arm once, at every value of a sweep, on fresh servers. Blocks are what verdicts count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.codec import Amount, Count
from benchmarks.trials.trial import Trial, Value


@dataclass(frozen=True, kw_only=True)
class Block:
    """What a run measured in one go.

    number   from 1
    order    of the arms, as it was drawn
    void     why the block does not count, None when it does
    seconds  how long it took
    steal    share of the CPU time that other guests of the host took, 0 to 1
    """

    number: Count
    order: tuple[str, ...]
    void: str | None
    trials: tuple[Trial, ...]
    seconds: Amount = 0.0
    steal: Amount = 0.0

    def of(self, arm: str, point: Value | None = None) -> tuple[Trial, ...]:
        """The trials of one arm at one value: one, or one for each turn."""
        return chosen(self.trials, arm, point)


def chosen(trials: Iterable[Trial], arm: str, point: Value | None = None) -> tuple[Trial, ...]:
    """Those of one arm at one value of the sweep."""
    return tuple(trial for trial in trials if trial.arm == arm and trial.point == point)
