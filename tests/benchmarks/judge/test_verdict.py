from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from benchmarks.judge.statistics import Interval, ratio_interval
from benchmarks.judge.verdict import Name, Outcome, judge, level_of, name, outcome, over_sweep

if TYPE_CHECKING:
    from benchmarks.plan.ledger import Says


def interval(estimate: float, low: float | None, high: float | None, n: int = 10) -> Interval:
    return Interval(estimate=estimate, low=low, high=high, n=n, spread=0.1)


@pytest.mark.parametrize(
    ("estimate", "low", "high", "seen"),
    [
        (3.7, 3.5, 3.9, "favours"),
        (1.2, 1.01, 1.4, "favours"),
        (1.1, 1.01, 1.2, "favours"),  # at the smallest effect that matters
        (1.09, 1.01, 1.2, "open"),  # surely there, perhaps too small
        (1.05, 1.02, 1.08, "no difference"),  # surely there, surely too small
        (1.0, 0.95, 1.05, "no difference"),
        (1.0, 1 / 1.1, 1.1, "no difference"),  # the ends of the band belong to it
        (1.0, 0.9, 1.1, "open"),  # 0.9 is beyond 1/1.1: ten per cent worse is 1/1.1, not 0.9
        (1.2, 0.99, 1.5, "open"),
        (1.2, 1.0, 1.5, "open"),  # the line itself is not above it
        (0.8, 0.7, 0.95, "opposes"),
        (1 / 1.1, 0.85, 0.99, "opposes"),
        (0.95, 0.85, 0.99, "open"),
        (1.1, 1.1, 1.1, "favours"),  # no width, on the edge: the effect counts
        (1 / 1.1, 1 / 1.1, 1 / 1.1, "opposes"),
        (5.0, None, None, "open"),
    ],
)
def test_outcome(estimate: float, low: float | None, high: float | None, seen: Outcome) -> None:
    assert outcome(interval(estimate, low, high), 0.1) == seen


@pytest.mark.parametrize(
    ("estimate", "low", "high"), [(3.7, 3.5, 3.9), (1.05, 0.99, 1.3), (1.0, 0.95, 1.06), (1.3, 0.8, 1.9)]
)
def test_the_rule_is_the_same_from_both_sides(estimate: float, low: float, high: float) -> None:
    mirror: dict[Outcome, Outcome] = {
        "favours": "opposes",
        "opposes": "favours",
        "no difference": "no difference",
        "open": "open",
    }
    there = outcome(interval(estimate, low, high), 0.1)
    assert outcome(interval(1 / estimate, 1 / high, 1 / low), 0.1) == mirror[there]


@pytest.mark.parametrize(
    ("seen", "says", "verdict"),
    [
        ("favours", "difference", "holds"),
        ("opposes", "difference", "no longer holds"),
        ("no difference", "difference", "no longer holds"),
        ("open", "difference", "undecided"),
        ("favours", "no difference", "no longer holds"),
        ("opposes", "no difference", "no longer holds"),
        ("no difference", "no difference", "holds"),
        ("open", "no difference", "undecided"),
    ],
)
def test_name(seen: Outcome, says: Says, verdict: Name) -> None:
    assert name(seen, says) == verdict


@pytest.mark.parametrize(
    ("names", "verdict"),
    [
        (("holds", "holds"), "holds"),
        (("no longer holds", "no longer holds"), "no longer holds"),
        (("no longer holds", "holds"), "holds when"),
        (("no longer holds", "undecided", "holds"), "holds when"),
        (("undecided", "holds"), "undecided"),
        (("no longer holds", "undecided"), "undecided"),
        (("undecided",), "undecided"),
    ],
)
def test_sweep(names: tuple[Name, ...], verdict: Name) -> None:
    assert over_sweep(names) == verdict


def test_an_open_result_says_what_would_settle_it() -> None:
    found = judge(ratio_interval([1.5, 1.0, 1.9, 0.9]), matters=0.1)
    assert found.name == "undecided"
    assert found.needed is not None
    assert found.needed > 4
    assert found.reason == f"the interval is too wide; about {found.needed - 4} more blocks would probably settle it"


def test_the_estimate_of_blocks_is_about_right() -> None:
    """Blocks with the spread that was seen, as many as were said to be needed, do settle it."""
    ratios = [math.exp(0.3 + 0.4 * side) for side in (-1, 1, -1, 1)]
    found = judge(ratio_interval(ratios), matters=0.1)
    assert found.needed is not None
    blocks = 2 * math.ceil(found.needed / 2)
    half = 0.4 * math.sqrt(4 / 3) * math.sqrt((blocks - 1) / blocks)  # the same standard deviation as before
    more = [math.exp(0.3 + half * side) for side in [-1, 1] * (blocks // 2)]
    assert judge(ratio_interval(more), matters=0.1).name == "holds"


def test_on_the_edge_of_what_matters_no_number_of_blocks_helps() -> None:
    found = judge(Interval(estimate=1.0999, low=0.98, high=1.23, n=10, spread=0.2), matters=0.1)
    assert found.needed is None
    assert "just begins to matter" in found.reason


def test_one_block_is_never_a_verdict() -> None:
    found = judge(ratio_interval([50.0]), matters=0.1)
    assert found.name == "undecided"
    assert "a second gives one" in found.reason


def test_fewer_than_ten_blocks_are_provisional() -> None:
    assert judge(ratio_interval([2.0, 2.1, 2.2]), matters=0.1).provisional
    assert not judge(ratio_interval([2.0, 2.1] * 5), matters=0.1).provisional


@pytest.mark.parametrize("matters", [0, -0.1, 10])
def test_what_matters_is_a_relative_effect(matters: float) -> None:
    with pytest.raises(ValueError, match="relative effect"):
        judge(ratio_interval([2.0, 2.1]), matters=matters)


@pytest.mark.parametrize(
    ("points", "strict", "verdict"),
    [
        (["holds", "no longer holds"], ["holds", "no longer holds"], "holds when"),
        (["holds", "no longer holds"], ["holds", "undecided"], "undecided"),
        (["holds", "holds"], ["undecided", "undecided"], "holds"),
        (["holds", "undecided", "no longer holds"], ["holds", "undecided", "no longer holds"], "holds when"),
    ],
)
def test_both_sides_of_a_sweep_must_speak_at_the_stricter_level(
    points: list[Name], strict: list[Name], verdict: Name
) -> None:
    assert over_sweep(points, strict) == verdict
    assert level_of(1) == pytest.approx(0.95)
    assert level_of(5) == pytest.approx(0.99)
