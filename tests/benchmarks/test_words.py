from __future__ import annotations

import pytest

from benchmarks import words
from benchmarks.judge.statistics import Interval


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234, "1234"), (48.3, "48"), (3.72, "3.7"), (1.04, "1.04"), (0.31, "0.31"), (0.0042, "0.0042"), (0, "0")],
)
def test_number(value: float, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.9, "4"), (13.4, "13"), (480, "500"), (142, "140"), (0.26, "0.3"), (9.7, "10"), (0, "0"), (123456, "120000")],
)
def test_coarse(value: float, text: str) -> None:
    assert words.coarse(value) == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (1.53, 2.3, None, "1.53 to 2.30"),
        (3.5, 3.9, None, "3.5 to 3.9"),
        (75.2, 88.1, "ms", "75 to 88 ms"),
        (0.1, 0.35, "", "10 to 35 %"),
        (0.0, 12.0, "ms", "0 to 12 ms"),
        (None, None, "ms", "no interval from one block"),
    ],
)
def test_spread(low: float | None, high: float | None, unit: str | None, text: str) -> None:
    assert words.spread(Interval(estimate=1, low=low, high=high, n=3), unit) == text


def test_small_words() -> None:
    assert words.counted(1, "block") == "1 block"
    assert words.clock(101.4) == "1:41"
    assert words.listed(["a", "b", "c"], "or") == "a, b or c"
    assert words.listed([]) == ""
