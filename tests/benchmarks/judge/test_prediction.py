"""Whether a short run saw what the record foretells: the rule on numbers that can be checked by hand."""

from __future__ import annotations

import math
import random

import pytest

from benchmarks.judge import prediction
from benchmarks.judge.prediction import Count, TooFewError, counts, exact, ratios


def blocks(ratio: float, spread: float = 0.05, number: int = 10, seed: int = 1) -> list[float]:
    draw = random.Random(seed)
    return [ratio * math.exp(draw.gauss(0, spread)) for _ in range(number)]


def test_the_interval_is_that_of_the_formula() -> None:
    """Five blocks at e**-0.1 and e**0.1 and 1: mean 0, s = 0.1; t of four degrees of freedom is 2.776."""
    found = ratios([math.exp(log) for log in (-0.1, 0.1, 0.0, -0.1, 0.1)], [1.0])
    half = 2.776 * math.sqrt(0.01 * (1 / 5 + 1) + 0.10**2)
    assert found.low == pytest.approx(math.exp(-half), rel=1e-3)
    assert found.high == pytest.approx(math.exp(half), rel=1e-3)


def test_what_is_as_in_the_record_and_what_is_not() -> None:
    book = blocks(1.2)
    assert ratios(book, [1.2]).holds
    assert ratios(book, [1.05]).holds, "a machine may make that of it"
    assert not ratios(book, [0.7]).holds, "the other way round"
    assert not ratios(blocks(10), [1.0]).holds
    assert ratios(blocks(10), [5.0]).holds


def test_more_blocks_here_narrow_it_and_more_points_and_longer_blocks_widen_it() -> None:
    book = blocks(1.5, spread=0.2)
    one, two = ratios(book, [1.5]), ratios(book, [1.5, 1.5])
    assert two.high < one.high
    assert two.here == pytest.approx(1.5)
    assert ratios(book, [1.5], points=3).high > one.high
    assert ratios(book, [1.5], longer=True).high > one.high


def test_a_record_of_few_blocks_foretells_nothing() -> None:
    with pytest.raises(TooFewError, match="4 such blocks"):
        ratios(blocks(2, number=4), [2.0])
    with pytest.raises(TooFewError, match="1 such blocks"):
        counts([Count(count=1, total=9)], [Count(count=1, total=9)])


def test_exact_intervals_are_those_of_the_tables() -> None:
    assert exact(0, 300)[1] == pytest.approx(1 - 0.025 ** (1 / 300))
    assert exact(5, 10) == pytest.approx((0.1871, 0.8129), abs=1e-4)  # Clopper and Pearson
    assert exact(10, 0) == pytest.approx((4.795, 18.39), abs=1e-2)  # Garwood
    assert exact(0, 0) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert exact(10, 10)[1] == 1.0


@pytest.mark.parametrize(
    ("book", "here", "same"),
    [
        ((0, 300), (0, 40), True),
        ((0, 300), (1, 200), True),
        ((0, 300), (40, 200), False),
        ((150, 300), (20, 40), True),
        ((150, 300), (0, 40), False),
        ((3, 0), (4, 0), True),
        ((3, 0), (30, 0), False),
    ],
)
def test_counts(book: tuple[int, int], here: tuple[int, int], same: bool) -> None:
    recorded = [Count(count=book[0], total=book[1])] * 10
    assert counts(recorded, [Count(count=here[0], total=here[1])]).holds is same


def test_failures_in_clusters_are_worth_fewer_observations() -> None:
    even = [Count(count=60, total=300)] * 10
    clustered = [Count(count=count, total=300) for count in (0, 120, 0, 120, 0, 120, 0, 120, 0, 120)]
    here = [Count(count=110, total=300)]
    assert not counts(even, here).holds
    assert counts(clustered, here).holds


def test_machines_are_supposed_to_differ_more_in_a_large_ratio() -> None:
    assert prediction.machines(0.0) == prediction.MACHINES
    assert prediction.machines(math.log(10)) > 3 * prediction.MACHINES
    assert prediction.machines(0.0, longer=True) > prediction.MACHINES
