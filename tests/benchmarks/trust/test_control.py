"""The A/A control: what counts as a false alarm, and one run of it on real servers."""

from __future__ import annotations

import pytest

from benchmarks.judge.statistics import Interval
from benchmarks.trust.control import Control, controls, experiment


def test_both_arms_are_the_same() -> None:
    assert len({(arm.deployment, tuple(arm.options.items())) for arm in experiment.arms.values()}) == 1


@pytest.mark.parametrize(
    ("outcome", "low", "high", "claimed", "excludes"),
    [
        ("no difference", 0.98, 1.01, False, False),
        ("no difference", 1.005, 1.02, False, True),
        ("favours", 1.05, 1.2, True, True),
        ("opposes", 0.8, 0.9, True, True),
        ("open", 0.9, 1.2, False, False),
    ],
)
def test_an_alarm_needs_an_effect_that_matters(
    outcome: str, low: float, high: float, claimed: bool, excludes: bool
) -> None:
    interval = Interval(estimate=(low * high) ** 0.5, low=low, high=high, n=10, spread=0.01)
    found = Control(seed=1, outcome=outcome, interval=interval, load=0.8)
    assert (found.claimed, found.excludes) == (claimed, excludes)


@pytest.mark.servers
def test_a_run_says_its_outcome_and_its_time_under_load() -> None:
    [found] = controls(1, "smoke", seed=3, say=lambda _progress: None)
    assert found.seed == 3
    assert 0 < found.load < 1  # how much depends on how long servers take to start here
    assert found.interval is None or 0.5 < found.interval.estimate < 2
