"""The rule of a short run, tried on made-up runs: false answers are rare, and a result that has turned is seen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.judge import foretelling, prediction
from benchmarks.judge.foretelling import Failures, Runs, differing, differing_counts
from benchmarks.judge.simulation import World

TIMES = 4000
LOG12 = math.log(1.2)


@pytest.mark.parametrize("hits", ["nothing", "either arm", "one arm"])
@pytest.mark.parametrize("spread", [0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("effect", [0.0, LOG12, math.log(10)])
@pytest.mark.parametrize(("book", "here", "points"), [(5, 1, 1), (10, 1, 1), (12, 2, 2)])
def test_a_false_difference_is_seen_in_at_most_one_run_in_twenty(
    book: int, here: int, points: int, effect: float, spread: float, hits: str
) -> None:
    world = World(spread=spread, effect=effect, hits=hits)  # type: ignore[arg-type]
    assert differing(Runs(world=world, book=book, here=here, points=points), times=TIMES) <= 0.05


def test_a_result_that_has_turned_is_seen() -> None:
    twice = Runs(world=World(spread=0.05, effect=math.log(3)), changed=-2 * math.log(3))
    assert differing(twice, times=TIMES) > 0.99
    gone = Runs(world=World(spread=0.05, effect=math.log(10)), changed=-math.log(10))
    assert differing(gone, times=TIMES) > 0.99
    turned = Runs(world=World(spread=0.05, effect=LOG12), changed=-LOG12 - math.log(1.25))
    assert differing(turned, times=TIMES) > 0.75


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("asked", [20, 200, 2000])
def test_so_are_false_differences_of_counts(share: float, asked: int) -> None:
    assert differing_counts(Failures(share=share, asked=asked), times=400) <= 0.05


def test_failures_that_have_come_are_seen() -> None:
    assert differing_counts(Failures(share=0.01, asked=2000, changed=math.log(20)), times=200) > 0.9


def test_the_simulated_rule_is_the_real_one() -> None:
    book = World(spread=0.05, effect=0.3).runs(20, 10)
    low, high = foretelling.bounds(book, 2, points=2)
    for row, *ends in zip(np.exp(book).tolist(), np.exp(low), np.exp(high), strict=True):
        found = prediction.ratios(row, [1.0, 1.0], points=2)
        assert (found.low, found.high) == pytest.approx(tuple(ends))
