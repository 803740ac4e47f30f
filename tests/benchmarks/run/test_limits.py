"""What limits a run as a whole: judged over all its blocks, so that none is chosen by how fast it was."""

from __future__ import annotations

from typing import Any

import pytest
from test_trial import plan, trial

from benchmarks.plan.workload import Closed, Open
from benchmarks.run.limits import LIMITS, limits
from benchmarks.trials.block import Block
from benchmarks.trials.trial import Trial

FAST = {"requests": 4000, "null_rate": 2500.0}  # 1000 a second in 4 s


def block(*trials: Trial) -> Block:
    return Block(number=1, order=("off", "on"), void=None, trials=trials)


def judged(changes: dict[str, Any], *, blocks: int = 3, **more: Any) -> list[str]:
    """Of a run in whose every block the second arm is like that."""
    made = [block(trial(arm="off"), trial(arm="on", **changes)) for _ in range(blocks)]
    return limits(made, plan(**more), 2)


@pytest.mark.parametrize(
    ("changes", "metric", "why"),
    [
        ({}, "pages_per_second", None),
        ({"generator_cpu_seconds": 2.9}, "pages_per_second", "limited by the generator: it used 72% of its processor"),
        ({"generator_cpu_seconds": 3.9}, "cpu_per_request", None),
        (FAST, "pages_per_second", "1000 requests a second, and it reaches 2500 at a server that does nothing"),
        (FAST, "latency_p95", "limited by the generator: 1000 requests a second"),
        (FAST, "cpu_per_request", None),
        (FAST | {"null_rate": 3100.0}, "pages_per_second", None),
        (FAST | {"null_rate": None}, "pages_per_second", None),
        (
            {"held_seconds": 7.0},
            "cpu_per_request",
            "Little's law fails: 3.5 requests in flight, but rate x latency is 1.8",
        ),
        ({"unanswered": 3, "requests": 40, "in_flight_mean": 4.0, "held_seconds": 4.0}, "cpu_per_request", None),
    ],
)
def test_a_run_is_limited_by_what_all_its_blocks_say(changes: dict[str, Any], metric: str, why: str | None) -> None:
    found = judged(changes, metric=metric)
    assert found == [] if why is None else (len(found) == 1 and found[0].startswith("on: ") and why in found[0])


def test_one_fast_block_does_not_limit_a_run() -> None:
    usual = block(trial(arm="off"), trial(arm="on"))
    fast = block(trial(arm="off"), trial(arm="on", generator_cpu_seconds=2.9))
    assert limits([usual, usual, usual, fast], plan(metric="pages_per_second"), 2) == []


def test_requests_that_wait_count_where_they_have_a_due_time() -> None:
    due = {"due": 4000, "behind": 0, "requests": 3990, "unanswered": 10, "in_flight_mean": 13.5, "held_seconds": 54.0}
    opened = {"metric": "latency_p95", "workload": Open(rate=1000)}
    calm = [block(*(trial(arm=arm, **due) for arm in ("off", "on")))]
    assert limits(calm, plan(**opened), 2) == []
    odd = [block(trial(arm="off", **due), trial(arm="on", **due | {"held_seconds": 14.0}))]
    assert ["Little" in why for why in limits(odd, plan(**opened), 2)] == [True]


def test_arms_at_the_same_time_leave_half_the_machine_idle() -> None:
    both = {"simultaneous": True, "workload": Closed(users=4, pause=(1, 2))}
    idle = [block(*(trial(arm=arm, cpu_seconds=0.4, generator_cpu_seconds=0.2) for arm in ("off", "on")))]
    assert limits(idle, plan(**both), 2) == []
    busy = [block(*(trial(arm=arm) for arm in ("off", "on")))]
    assert ["used 2.00 of 2 processors" in why for why in limits(busy, plan(**both), 2)] == [True]


def test_a_run_without_a_counted_block_has_no_limit() -> None:
    assert limits([], plan(), 2) == []


def test_every_limit_is_told() -> None:
    assert len(set(LIMITS)) == len(LIMITS) == 4
