from __future__ import annotations

import math

import pytest

from benchmarks.trust.share import Clustered, Share


def test_the_interval_of_a_share_is_the_exact_one() -> None:
    low, high = Share(count=5, of=100).interval
    assert (low, high) == (pytest.approx(0.0164, abs=1e-4), pytest.approx(0.1128, abs=1e-4))
    assert Share(count=0, of=20).interval == (0.0, pytest.approx(0.1684, abs=1e-4))
    assert Share(count=20, of=20).interval[1] == 1.0
    assert math.isnan(Share(count=0, of=0).value)
    assert str(Share(count=5, of=100)) == "5 of 100 (1.6 to 11.3 %)"
    assert str(Share(count=0, of=0)) == "none"


def width(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0]


def test_alarms_that_come_together_say_less_than_those_that_come_alone() -> None:
    apart = Clustered(shares=[Share(count=int(n < 10), of=5) for n in range(40)])
    heaped = Clustered(shares=[Share(count=5 if n < 2 else 0, of=5) for n in range(40)])
    assert (apart.count, apart.of, apart.runs) == (heaped.count, heaped.of, heaped.runs) == (10, 200, 40)
    assert width(heaped.interval) > 1.5 * width(apart.interval)
    assert width(apart.interval) >= 0.99 * width(Share(count=10, of=200).interval), (
        "never narrower than independent ones"
    )


def test_where_nothing_varies_the_runs_are_what_is_counted() -> None:
    none = Clustered(shares=[Share(count=0, of=5)] * 40)
    assert none.interval == Share(count=0, of=40).interval
    assert Clustered(shares=[Share(count=5, of=5)] * 40).interval == Share(count=40, of=40).interval
    assert Clustered(shares=[Share(count=1, of=5)]).interval == (0.0, 1.0), "one run says nothing"


def test_a_run_without_a_comparison_is_no_run() -> None:
    some = [Share(count=int(n < 3), of=5) for n in range(10)]
    assert Clustered(shares=[*some, Share(count=0, of=0)]).interval == Clustered(shares=some).interval
