"""What a run saw, whether its blocks count or not: a disturbed block is shown with its mark and its cause, never silently nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.judge.statistics import UndefinedError
from benchmarks.result.point import block_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.store.records import Record
    from benchmarks.trials.block import Block

MARK = "disturbed, does not count"


def ratio(record: Record, value: Any = ...) -> tuple[float | None, bool]:
    """The ratio of a run at its main point, or at another, and whether blocks that count gave it.

    Where no block counts it is that of the disturbed ones: shown, and never judged. None where there is no ratio at all.
    """
    point = main(record) if value is ... else value
    for blocks, counted in ((record.counted, True), (record.blocks, False)):
        found = [each for block in blocks if (each := of_block(record, block, point)) is not None]
        if found:
            return math.exp(math.fsum(map(math.log, found)) / len(found)), counted
    return None, False


def of_block(record: Record, block: Block, value: Any = ...) -> float | None:
    """The ratio of one block; None where it has none, or ended before an arm's turn."""
    try:
        return block_ratio(record.experiment, block.trials, main(record) if value is ... else value)
    except (UndefinedError, IndexError):
        return None


def first(void: str) -> str:
    """The first line of a reason: those below are of a log."""
    return void.partition("\n")[0]


def main(record: Record) -> Any:
    """The value of the sweep that stands for the whole; None without a sweep."""
    factor = record.experiment.get("factor") or {}
    return factor.get("main", next(iter(factor.get("values", ())), None))


def disturbances(blocks: Sequence[Block]) -> str:
    """Why blocks do not count, each reason once."""
    return words.listed(dict.fromkeys(first(block.void) for block in blocks if block.void is not None))


def where(record: Record) -> str:
    """Such as "40, ", where the main value of a sweep is; empty without a sweep."""
    factor, value = record.experiment.get("factor"), main(record)
    return f"{words.level(value, factor.get('unit'))}, " if factor and value is not None else ""


def direction(here: Record, ratio: float | None, counted: bool) -> str:
    """Which arm is ahead: shown always, disturbed or not."""
    if ratio is None:
        return ""
    factor, value = here.experiment.get("factor"), main(here)
    where = f" at {words.level(value, factor.get('unit'))}" if factor and value is not None else ""
    mark = "" if counted else f" ({MARK})"
    if f"{ratio:.2f}" == "1.00":
        return f"no difference seen{where}{mark}"
    ahead = here.experiment["favoured" if ratio > 1 else "against"]
    size = max(ratio, 1 / ratio)
    by = f"{words.number(size)} times" if size >= 2 else f"by {words.number(round(100 * (size - 1)))} %"
    return f"{ahead} is better, {by}{where}{mark}"
