"""Which trials and blocks do not count; and that no rule looks at a result."""

from __future__ import annotations

from typing import Any

import pytest
from synthetic import histogram
from test_trial import plan, trial

from benchmarks.host.clocks import Moment
from benchmarks.judge import metrics
from benchmarks.plan.workload import Closed, Expectation
from benchmarks.run import voiding
from benchmarks.run.voiding import RULES, objection
from benchmarks.trials.event import Happened
from benchmarks.trials.trial import Lateness, Trial


@pytest.fixture(autouse=True)
def _disturbances_are_welcome() -> None:
    """Not here: these trials are made up."""


def test_a_good_trial_counts():
    assert objection(trial(), plan(), Closed(users=4)) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"failures": {"status 503": 3}}, "unexpected failures: 3 times status 503"),
        ({"users_alive": 3}, "1 of 4 users ended"),
        ({"meter_seconds": 4.5}, "too busy"),
        ({"act_seconds": 2.9}, "took 2.9 s, and was not over when the window of 4.0 s was"),
        (
            {"act_seconds": 1.5, "events": (Happened(what="kill", of="nginx", due=3.0, began=3.0, ended=4.5),)},
            "took 1.5 s, and was not over when the window of 4.0 s was",
        ),
        ({"strangers_seconds": 0.5}, "something else used 0.50 s of the servers' processor"),
        ({"lateness": Lateness(p50=0.0, p99=0.2, max=0.3)}, "woke up to 200 ms late"),
    ],
)
def test_a_bad_one_does_not(changes, why):
    assert why in (objection(trial(**changes), plan(), Closed(users=4)) or "")


def test_a_late_event_that_is_over_in_time_is_no_objection():
    late = (Happened(what="kill", of="nginx", due=3.5, began=3.5, ended=3.9),)
    assert objection(trial(act_seconds=3.0, events=late), plan(), Closed(users=4)) is None


def test_what_was_foreseen_does_not_void():
    foreseen = plan(expectation=Expectation(failures=("timeout", "status 503")))
    assert objection(trial(failures={"status 503": 3, "timeout": 1}), foreseen, Closed(users=4)) is None
    assert "reset" in (objection(trial(failures={"reset": 1, "timeout": 1}), foreseen, Closed(users=4)) or "")


def test_a_stranger_is_known_only_where_the_servers_have_a_processor_of_their_own():
    assert objection(trial(strangers_seconds=None), plan(), Closed(users=4)) is None
    assert objection(trial(strangers_seconds=0.4), plan(), Closed(users=4)) is None, "a tenth of four seconds"
    short = {"seconds": 0.5, "meter_seconds": 0.5}
    assert objection(trial(**short, strangers_seconds=0.1), plan(), Closed(users=4)) is None, "ticks are not strangers"


class Watched:
    """A trial that notes what is read of it."""

    def __init__(self, trial: Trial) -> None:
        self._trial, self.noted = trial, set[str]()

    def __getattr__(self, name: str) -> Any:
        self.noted.add(name)
        return getattr(self._trial, name)


# What each metric is computed from, changed so that its value is half as much again, with the evidence left as it is
CHANGED: dict[str, dict[str, Any]] = {
    "cpu_per_request": {"cpu_seconds": 4.5},
    "cpu_per_page": {"cpu_seconds": 4.5},
    "pages_per_second": {"requests": 6000, "pages": 6000},
    "latency_p50": {"latency": histogram([6.0] * 100)},
    "latency_p95": {"latency": histogram([6.0] * 100)},
    "latency_p99": {"latency": histogram([6.0] * 100)},
    "pss": {"pss_bytes": 120_000_000},
    "longest_gap": {"longest_gap": 1.5},
}
WHOLE = {
    "pages": 4000,
    "latency": histogram([4.0] * 100),
    "pss_bytes": 80_000_000,
    "longest_gap": 1.0,
    "act_seconds": 0.5,
}


@pytest.mark.parametrize("metric", CHANGED)
@pytest.mark.parametrize("bad", [{}, {"lateness": Lateness(p50=0.0, p99=0.2, max=0.3)}, {"users_alive": 3}])
def test_another_result_is_judged_the_same(metric: str, bad: dict[str, Any]) -> None:
    """The value that is compared may be anything: the objection does not change with it."""
    before, after = trial(**WHOLE, **bad), trial(**(WHOLE | CHANGED[metric]), **bad)
    assert metrics.value(after, metric) == pytest.approx(1.5 * metrics.value(before, metric), rel=0.01)
    found = [objection(each, plan(metric=metric), Closed(users=4)) for each in (before, after)]
    assert found[0] == found[1]


def test_no_rule_reads_what_is_compared() -> None:
    """Neither answers nor CPU time, memory, latencies, bytes, pages, the gap: only what tells how the measuring went."""
    seen = Watched(trial(**WHOLE, bytes=1))
    for rule in RULES:
        for metric in metrics.METRICS:
            rule.broken(seen, plan(metric=metric), Closed(users=4))
    assert seen.noted, "rules do read something"
    assert not seen.noted & {
        *("requests", "cpu_seconds", "generator_cpu_seconds", "pss_bytes", "latency", "page_latency", "bytes", "pages"),
        *("longest_gap", "held_seconds", "in_flight_mean", "unanswered", "ended"),
    }


def test_every_rule_says_its_limit() -> None:
    assert all(rule.limit for rule in RULES)
    assert len({rule.limit for rule in RULES}) == len(RULES)


START = Moment(steady=0.0, boot=0.0, wall=1000.0)


@pytest.mark.parametrize(
    ("end", "steal", "says"),
    [
        (Moment(steady=30.0, boot=30.0, wall=1030.0), 0.05, None),
        (Moment(steady=30.0, boot=30.0, wall=1030.0), 0.08, "other guests of this host took 8% of the CPU time"),
        (Moment(steady=30.0, boot=90.0, wall=1090.0), 0.08, "slept for 60.0 s"),
        (Moment(steady=30.0, boot=30.0, wall=970.0), 0.0, "the clock of this machine jumped by -60.0 s"),
    ],
)
def test_the_machine_voids_a_block(end: Moment, steal: float, says: str | None) -> None:
    why = voiding.machine(START, end, steal)
    assert (why is None) if says is None else (says in str(why))
