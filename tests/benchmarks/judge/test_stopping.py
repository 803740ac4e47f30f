from __future__ import annotations

import math

import pytest

from benchmarks.judge.statistics import UndefinedError, ratio_interval
from benchmarks.judge.stopping import NARROW, plan


def ratios(centre: float, spread: float, blocks: int = 10) -> list[float]:
    """Alternately above and below, so that the mean is `centre` and the standard deviation about `spread`."""
    return [centre * math.exp(spread * side) for side in (-1, 1)] * (blocks // 2)


@pytest.mark.parametrize(
    ("points", "blocks", "reason"),
    [
        ([ratios(3.0, 0.1)], 10, "settled"),
        ([ratios(0.3, 0.1)], 10, "settled"),  # either direction
        ([ratios(1.0, 0.01)], 10, "settled"),  # surely no difference that matters
        ([ratios(1.05, 0.05)], 10, "narrow enough"),  # no verdict, but more blocks would not change that soon
        ([ratios(1.02, 0.07)], 12, "narrow enough"),
        ([ratios(1.0, 0.5)], 30, "budget"),
        ([ratios(3.0, 0.1), ratios(1.05, 0.2)], 30, "budget"),  # the widest point of a sweep decides
        ([ratios(3.0, 0.1), ratios(1.0, 0.01), ratios(1.05, 0.2)], 10, "settled"),  # "holds when", as the rule has it
    ],
)
def test_plan(points: list[list[float]], blocks: int, reason: str) -> None:
    found = plan(points, matters=0.1, least=10, most=30)
    assert (found.blocks, found.reason) == (blocks, reason)


def test_the_planned_blocks_are_the_fewest_that_make_it_narrow() -> None:
    wanted = NARROW * math.log(1.1)
    found = plan([ratios(1.02, 0.08)], matters=0.1, least=10, most=30)
    high = {n: ratio_interval(ratios(1.02, 0.08 * math.sqrt(10 / 9 * (n - 1) / n), n)).high for n in (14, 16)}
    assert high[14] is not None
    assert high[16] is not None
    assert math.log(high[16] / 1.02) < wanted < math.log(high[14] / 1.02)
    assert found.blocks in (15, 16)


def test_later_blocks_do_not_change_the_plan() -> None:
    first = ratios(1.02, 0.08)
    assert plan([first], matters=0.1, least=10, most=30) == plan([[*first, 9.0, 9.0]], matters=0.1, least=10, most=30)


def test_both_directions_get_the_same_plan() -> None:
    there = plan([[1.0, 1.1, 1.3, 0.9]], matters=0.1, least=4, most=30)
    assert there == plan([[1 / ratio for ratio in (1.0, 1.1, 1.3, 0.9)]], matters=0.1, least=4, most=30)


def test_a_budget_without_more_and_a_single_block() -> None:
    assert plan([ratios(1.0, 0.5)], matters=0.1, least=10, most=10).blocks == 10
    assert plan([[5.0]], matters=0.1, least=1, most=1).reason == "budget"


def test_what_cannot_be_planned() -> None:
    with pytest.raises(UndefinedError):
        plan([[1.0, 0.0]], matters=0.1, least=2, most=4)
    with pytest.raises(ValueError, match="after 10 blocks"):
        plan([[1.0, 1.1]], matters=0.1, least=10, most=30)
