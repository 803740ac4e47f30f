from __future__ import annotations

import pytest
from synthetic import histogram, trial

from benchmarks.judge import metrics
from benchmarks.judge.statistics import UndefinedError


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("cpu_per_request", 5.0),
        ("cpu_per_page", 5.0),
        ("pages_per_second", 50.0),
        ("pss", 80.0),
        ("unanswered", 0.0),
        ("failed", 0.0),
    ],
)
def test_value(metric: str, expected: float) -> None:
    assert metrics.value(trial(cpu_ms=5.0), metric) == pytest.approx(expected)


def test_percentiles_come_from_the_whole_histogram() -> None:
    made = trial(latency=histogram([1.0] * 94 + [2000.0] * 6))
    assert metrics.value(made, "latency_p50") == pytest.approx(1.0, rel=0.002)
    assert metrics.value(made, "latency_p95") == pytest.approx(2000.0, rel=0.002)


def test_a_trial_without_answers_has_no_cost_per_request() -> None:
    with pytest.raises(UndefinedError, match="arm 'off' has no requests"):
        metrics.value(trial("off", requests=0), "cpu_per_request")
    with pytest.raises(UndefinedError, match="arm 'off' gave no answer"):
        metrics.value(trial("off", latency=histogram([])), "latency_p95")


def test_a_ratio_above_one_speaks_for_the_favoured_arm() -> None:
    cheap, dear = trial("off", cpu_ms=2.0), trial("on", cpu_ms=6.0)
    assert metrics.ratio(cheap, dear, "cpu_per_request") == pytest.approx(3.0)
    fast, slow = trial("off", pages=2000), trial("on", pages=500)
    assert metrics.ratio(fast, slow, "pages_per_second") == pytest.approx(4.0)
    assert metrics.ratio(fast, slow, "pages_per_second", "lower") == pytest.approx(0.25)


def test_shares_may_be_zero() -> None:
    """Nobody of 40 left without an answer, against 20 of 40: (20.5 / 41) / (0.5 / 41)."""
    assert metrics.ratio(trial(unanswered=0), trial(unanswered=20), "unanswered") == pytest.approx(41.0)
    assert metrics.ratio(trial(unanswered=0), trial(unanswered=0), "unanswered") == pytest.approx(1.0)


def test_what_a_restart_lost_is_a_count_and_may_be_zero() -> None:
    """Twelve requests against none: 12.5 to 0.5; none against none is no difference."""
    restarted = {"act_seconds": 0.6}
    assert metrics.value(trial(failures={"status 502": 12}, **restarted), "lost") == 12
    lost, none = trial(failures={"status 502": 12}, **restarted), trial(**restarted)
    assert metrics.ratio(none, lost, "lost") == pytest.approx(25.0)
    assert metrics.ratio(none, none, "lost") == 1.0
    assert metrics.value(trial(longest_gap=0.25, **restarted), "longest_gap") == 250.0
    pooled = metrics.pool([trial(longest_gap=0.25, **restarted), trial(longest_gap=0.5, **restarted)])
    assert metrics.value(pooled, "longest_gap") == 500.0


@pytest.mark.parametrize("metric", ["lost", "longest_gap"])
def test_where_nothing_was_done_nothing_was_lost_by_it(metric: str) -> None:
    with pytest.raises(UndefinedError, match="nothing was done to arm 'on'"):
        metrics.value(trial(longest_gap=0.25), metric)


def test_other_zeros_have_no_ratio() -> None:
    with pytest.raises(UndefinedError, match="CPU time a request is 0 in one arm"):
        metrics.ratio(trial(cpu_ms=0.0), trial(cpu_ms=1.0), "cpu_per_request")


def test_trials_of_one_arm_are_pooled_before_dividing() -> None:
    pooled = metrics.pool(
        [
            trial(requests=100, cpu_ms=1.0, latency=1.0, failures={"timeout": 1}),
            trial(requests=300, cpu_ms=1.0, latency=9.0, failures={"timeout": 2, "500": 1}, pss_bytes=90_000_000),
        ]
    )
    assert metrics.value(pooled, "cpu_per_request") == pytest.approx(5.0)
    assert metrics.value(pooled, "pss") == pytest.approx(90.0)
    assert metrics.value(pooled, "latency_p99") == pytest.approx(9.0, rel=0.002)
    assert pooled.failures == {"500": 1, "timeout": 3}


def test_an_unknown_metric_offers_a_near_one() -> None:
    with pytest.raises(metrics.UnknownMetricError, match="did you mean latency_p95"):
        metrics.value(trial(), "latency_95")


def test_failures_are_a_share_of_what_ended() -> None:
    lossy = trial(requests=90, failures={"status 502": 8, "reset": 2})
    assert metrics.value(lossy, "failed") == pytest.approx(0.1)
    whole = trial(requests=100)
    assert metrics.ratio(whole, lossy, "failed") == pytest.approx(10.5 / 101 / (0.5 / 101))
    # Two arms without a failure are alike, however many requests each of them answered.
    assert metrics.ratio(whole, trial(requests=900), "failed") == 1.0
    with pytest.raises(UndefinedError, match="no request ended"):
        metrics.value(trial(requests=0), "failed")
