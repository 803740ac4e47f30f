"""What the simulation says, as tables: error rates of the stop rule, and how often intervals hold the truth."""

from __future__ import annotations

import math

from benchmarks.judge import foretelling
from benchmarks.judge.foretelling import Runs
from benchmarks.judge.simulation import ESTIMATORS, World, coverage, peeking, rates
from benchmarks.tables import Table

RUNS = 20_000  # a share of 5 % is then known to within 0.3 points
SPREADS = (0.02, 0.05, 0.10)
SIZE = 0.25  # of a disturbance
NOTICED = 0.8  # share of disturbed blocks that are voided, where some are


def worlds(spread: float) -> dict[str, World]:
    """How blocks may behave, by a name for the table."""
    return {
        "nothing": World(spread=spread),
        "one block in twenty, either arm": World(spread=spread, hits="either arm", size=SIZE),
        "one block in twenty, always one arm": World(spread=spread, hits="one arm", size=SIZE),
        "the same, four in five of them voided": World(spread=spread, hits="one arm", size=SIZE, voided=NOTICED),
    }


def errors_table(*, matters: float = 0.05, runs: int = RUNS) -> Table:
    """The whole procedure where there is no effect, and where there is one that just matters: 10 to 30 blocks."""
    rows = []
    for spread in SPREADS:
        for name, world in worlds(spread).items():
            none = rates(world, matters=matters, runs=runs)
            edge = World(spread=spread, effect=math.log1p(matters), hits=world.hits, size=SIZE, voided=world.voided)
            there = rates(edge, matters=matters, runs=runs)
            rows.append(
                [
                    f"{spread:.0%}",
                    name,
                    f"{none.claimed:.1%}",
                    f"{there.no_difference:.1%}",
                    f"{none.covered:.1%}",
                    f"{none.blocks:.0f}",
                ]
            )
    header = [
        "spread of blocks",
        "disturbed",
        "an effect seen where none is",
        "none seen where one matters",
        "intervals that hold the truth",
        "blocks, on average",
    ]
    peeked = rates(World(spread=0.1), matters=0.001, runs=runs, stop=peeking).claimed
    note = (
        f"{runs:,} simulated runs a row; {matters:.0%} matters. For comparison: whoever looks after every block from the "
        f"tenth to the thirtieth, and stops when the interval leaves 1 out, sees an effect where none is in {peeked:.0%} of runs."
    )
    return Table(header=header, rows=rows, note=note)


def coverage_table(*, spread: float = 0.05, blocks: int = 10, runs: int = RUNS) -> Table:
    """How often the 95 % intervals of three estimators hold the truth."""
    rows = [
        [name, *(f"{coverage(estimator, world, blocks=blocks, runs=runs):.1%}" for estimator in ESTIMATORS.values())]
        for name, world in worlds(spread).items()
    ]
    note = f"{runs:,} simulated runs a row, {blocks} blocks, whose spread is {spread:.0%}; the promise is 95 %."
    return Table(header=["disturbed", *ESTIMATORS], rows=rows, note=note)


def prediction_table(*, book: int = 10, runs: int = RUNS) -> Table:
    """How often one block of another machine is said to differ from a record: where nothing has changed, and where it has."""
    rows = []
    for spread in SPREADS:
        for name, world in list(worlds(spread).items())[:3]:
            row = [f"{spread:.0%}", name]
            for ratio, becomes in ((1.2, 1.2), (10, 10), (1.2, 1.0), (1.2, 0.8), (3, 1.0)):
                here = World(spread=spread, effect=math.log(ratio), hits=world.hits, size=SIZE)
                changed = math.log(becomes / ratio)
                row.append(f"{foretelling.differing(Runs(world=here, book=book, changed=changed), times=runs):.1%}")
            rows.append(row)
    header = [
        "spread of blocks",
        "disturbed",
        "1.2, still 1.2",
        "10, still 10",
        "1.2, now 1.0",
        "1.2, now 0.8",
        "3, now 1.0",
    ]
    note = (
        f"{runs:,} simulated records of {book} blocks a row, each with one block of another machine; machines differ as much as "
        "the rule supposes. The first two columns are false; the promise is at most 5 %. The others are true, and what is missing "
        "to 100 % is what a run of seconds does not see."
    )
    return Table(header=header, rows=rows, note=note)
