from __future__ import annotations

from typing import Any

import pytest
from synthetic import effect, histogram, trial

from benchmarks.codec import encode
from benchmarks.judge import metrics, starved
from benchmarks.load.outcome import TrialLoad
from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed
from benchmarks.show.figures import draw
from benchmarks.show.report import report
from benchmarks.store.records import Record
from benchmarks.trials.trial import Trial
from labs import deploy


def half(**changes: Any) -> Trial:
    """Ten of forty users get an answer of 4 ms every second, thirty wait for all of the 20 s."""
    waiting = histogram([20_000.0] * 30 + [2.0] * 5)
    made: dict[str, Any] = {"requests": 200, "unanswered": 30, "latency": histogram([4.0] * 200), "waiting": waiting}
    return trial(**(made | changes))


def test_users_who_wait_for_all_of_the_window_are_in_every_percentile():
    assert metrics.value(half(), "latency_p50") > 5_000
    assert metrics.value(half(), "latency_p95") > 15_000
    # three in four of what everybody would have asked: thirty users, twenty questions each, beside the 200 answers
    assert starved.latencies(half()).get_total_count() == pytest.approx(200 + 30 * 20, abs=30)


def test_who_waits_since_the_warm_up_counts_for_the_window_alone():
    longer = half(waiting=histogram([25_000.0] * 30 + [2.0] * 5))
    assert metrics.value(longer, "latency_p99") == metrics.value(half(), "latency_p99")
    assert starved.latencies(longer).get_total_count() == starved.latencies(half()).get_total_count()


def test_without_them_a_percentile_is_that_of_the_answers():
    assert metrics.value(half(unanswered=0), "latency_p95") == pytest.approx(4, rel=0.01)
    assert metrics.value(half(unanswered=0, waiting=None), "latency_p95") == pytest.approx(4, rel=0.01)


def test_nobody_answered_leaves_the_waiting_alone():
    nobody = half(requests=0, unanswered=40, latency=histogram([]), waiting=histogram([20_000.0] * 40))
    assert metrics.value(nobody, "latency_p50") == pytest.approx(20_000, rel=0.01)


def test_with_a_schedule_nothing_is_added_twice():
    due = half(due=230, unanswered=30, latency=histogram([4.0] * 200 + [20_000.0] * 30))
    assert starved.latencies(due).get_total_count() == 230
    assert metrics.value(due, "unanswered") == pytest.approx(30 / 230)


def test_pooled_trials_keep_those_who_wait():
    pooled = metrics.pool([half(), half()])
    assert metrics.value(pooled, "latency_p50") == metrics.value(half(), "latency_p50")


@pytest.mark.parametrize(
    ("trials", "says"),
    [
        ([trial()], ""),
        ([half()], "30 of 40 users had no answer"),
        ([half()] * 2, "60 of 80 users had no answer"),
        ([half(due=500)], "30 of 500 requests had no answer"),
    ],
)
def test_how_many_had_no_answer_is_said(trials, says):
    assert starved.without_answer(trials) == says


def test_report_and_figure_say_it():
    data = effect(metric="latency_p95")
    for block in data["blocks"]:
        block["trials"] = [encode(half()) if each["arm"] == "on" else each for each in block["trials"]]
    said = "on: 300 of 400 users had no answer"
    assert f"{said} in their window" in report(Record(data=data))
    assert f"{said}, their waiting is counted in" in draw(Record(data=data)).caption


@pytest.mark.servers
def test_a_prefork_server_that_serves_a_quarter_of_its_readers_is_not_fast():
    """The mistake that plain Locust makes: a fine percentile, while readers wait who send nothing more."""
    readers = Closed(users=40, page="/hello/", pause=(0.3, 0.7))
    with deploy("fastcgi-apache", connections=10, workers=10, keepalive=30) as site, Generator() as generator:
        seen: TrialLoad = generator.trial(site.url, readers, warmup=1, window=4)
    answered = (seen.latency.percentile(95) or 0) / 1000
    everybody = [(starved.percentile(seen, which) or 0) / 1000 for which in (50, 95)]
    assert seen.unanswered == pytest.approx(30, abs=3)
    assert answered < 500, "those who hold a worker are served well"
    assert everybody[1] > 3000, "the others have waited for all of the window"
    assert everybody[0] > 1000
