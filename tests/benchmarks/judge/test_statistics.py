from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.judge.statistics import (
    UndefinedError,
    blocks_needed,
    crossing,
    quantile,
    ratio_interval,
    value_interval,
)


def test_geometric_mean_and_t_interval() -> None:
    found = ratio_interval([2.0, 8.0])
    assert found.estimate == pytest.approx(4.0)
    half = quantile(1) * math.log(2)  # standard deviation of two logs is ln 4 / sqrt 2, and that over sqrt 2 again
    assert found.low == pytest.approx(4 * math.exp(-half))
    assert found.high == pytest.approx(4 * math.exp(half))


def test_turning_a_ratio_turns_its_interval() -> None:
    ratios = [1.1, 1.4, 0.9, 1.2]
    there, back = ratio_interval(ratios), ratio_interval([1 / ratio for ratio in ratios])
    assert there.low is not None
    assert back.high == pytest.approx(1 / there.low)


def test_one_block_has_an_estimate_and_no_interval() -> None:
    found = ratio_interval([3.0])
    assert (found.estimate, found.low, found.high, found.n) == (pytest.approx(3.0), None, None, 1)


def test_two_blocks_far_apart_leave_a_wide_interval_and_no_error() -> None:
    found = ratio_interval([0.72, 6.8], level=0.999)
    assert found.low is not None and 0 <= found.low < 1e-100
    assert found.high is not None and 1e100 < found.high < math.inf
    assert found.estimate == pytest.approx(math.sqrt(0.72 * 6.8))


@pytest.mark.parametrize("bad", [0.0, -1.0, math.inf, math.nan])
def test_a_ratio_that_does_not_exist_names_its_block(bad: float) -> None:
    with pytest.raises(UndefinedError, match="block 7"):
        ratio_interval([1.0, bad], [4, 7])


def test_nothing_measured() -> None:
    with pytest.raises(UndefinedError, match="no block was finished"):
        ratio_interval([])


def test_values_with_a_zero_take_the_ordinary_mean() -> None:
    found = value_interval([0.0, 1.0, 2.0])
    assert found.estimate == pytest.approx(1.0)
    assert found.low == 0.0


@pytest.mark.parametrize("blocks", [6, 10, 20])
def test_the_interval_covers_the_truth_as_often_as_it_promises(blocks: int) -> None:
    """3,000 experiments with normal noise of 10 %: 95 % of the intervals must hold the true ratio, within 1.5 points."""
    rng = np.random.default_rng(20060701)
    logs = rng.normal(math.log(1.3), 0.1, size=(3000, blocks))
    covered = 0
    for row in np.exp(logs).tolist():
        found = ratio_interval(row)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 1.3 <= found.high
    assert covered / 3000 == pytest.approx(0.95, abs=0.015)


def test_crossing_on_a_linear_and_on_a_log_axis() -> None:
    linear = crossing([0, 10], [[0.5, 2.0], [0.5, 2.0]])
    assert linear.scale == "linear"
    assert linear.interval is not None
    assert linear.interval.estimate == pytest.approx(5.0)
    log = crossing([1, 100], [[0.5, 2.0], [0.5, 2.0]])
    assert log.scale == "log"
    assert log.interval is not None
    assert log.interval.estimate == pytest.approx(10.0)


def test_the_boundary_covers_the_truth() -> None:
    """1,000 sweeps of ten blocks whose ratio truly crosses at 8."""
    rng = np.random.default_rng(7)
    factor = [2.0, 5.0, 10.0, 15.0]
    truth = np.array([0.1 * (value - 8) for value in factor])
    covered = counted = 0
    for _ in range(1000):
        shift = rng.normal(0, 0.08, size=(10, 1))
        found = crossing(factor, np.exp(truth + shift).tolist())
        if found.interval is None:
            continue
        assert found.interval.low is not None
        assert found.interval.high is not None
        counted += 1
        covered += found.interval.low <= 8 <= found.interval.high
    assert counted > 950
    assert covered / counted == pytest.approx(0.95, abs=0.02)


def test_no_boundary_unless_every_block_has_exactly_one() -> None:
    found = crossing([1, 2, 3], [[0.5, 2.0, 2.0], [0.5, 2.0, 0.5], [2.0, 2.0, 2.0]])
    assert found.interval is None
    assert str(found) == "no single point at which both are even: 1 of 3 blocks cross the line once"


def test_a_point_on_the_line_is_the_crossing() -> None:
    found = crossing([0, 2, 4], [[0.5, 1.0, 2.0]])
    assert found.interval is not None
    assert found.interval.estimate == pytest.approx(2.0)


def test_touching_the_line_is_no_crossing() -> None:
    assert crossing([0, 2, 4], [[2.0, 1.0, 2.0]]).crossed == 0


def test_the_boundary_stays_within_what_was_swept() -> None:
    found = crossing([0, 10], [[0.99, 3.0], [0.3, 1.01]])
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (0.0, 10.0)


def test_a_sweep_must_rise() -> None:
    with pytest.raises(ValueError, match="must rise"):
        crossing([3, 1], [[1, 2]])


def test_blocks_needed() -> None:
    needed = blocks_needed(0.2, 0.1, 5)
    assert needed is not None
    assert quantile(needed - 1) * 0.2 / math.sqrt(needed) < 0.1 <= quantile(needed - 2) * 0.2 / math.sqrt(needed - 1)
    assert blocks_needed(1.0, 0.0001, 5) is None
