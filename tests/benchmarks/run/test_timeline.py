from __future__ import annotations

import time
from typing import Any

import pytest

from benchmarks.plan.event import Event, EventError, timed
from benchmarks.run.timeline import Timeline
from benchmarks.trials.event import Answers, Seen


def test_events_are_done_in_their_order_and_timed() -> None:
    seen: list[tuple[str, object, float]] = []

    def first(deployment: object) -> None:
        seen.append(("first", deployment, time.monotonic()))
        time.sleep(0.05)

    def second(deployment: object) -> None:
        seen.append(("second", deployment, time.monotonic()))

    begun = time.monotonic()
    with Timeline([Event(second, at=0.06), Event(first, share=0.2)], "site", window=0.1) as timeline:
        timeline.begin(begun)
    assert [(name, deployment) for name, deployment, _ in seen] == [("first", "site"), ("second", "site")]
    assert seen[0][2] - begun >= 0.02
    assert seen[1][2] - begun >= 0.07, "the second waits for the first"
    happened = timeline.happened(begun, 1.0, {}) or ()
    assert [(each.what, each.due) for each in happened] == [("first", pytest.approx(0.02)), ("second", 0.06)]
    assert happened[0].ended <= happened[1].began
    assert timeline.seconds == pytest.approx(happened[1].ended - happened[0].began)


def test_without_a_time_it_is_a_third_into_the_window() -> None:
    assert timed((Event(print),), 6.0)[0][0] == 2.0


def test_nothing_to_do_is_nothing_done() -> None:
    with Timeline([], "site", window=1.0) as timeline:
        timeline.begin()
    assert timeline.seconds is None
    assert timeline.happened(0.0, 1.0, {}) is None


def test_what_one_raises_is_raised_at_the_end_and_no_other_happens() -> None:
    later: list[object] = []

    def fail(_deployment: object) -> None:
        raise LookupError("no such server")

    plan = [Event(fail, at=0.0), Event(later.append, at=0.01)]
    with pytest.raises(LookupError, match="no such server"), Timeline(plan, "site", window=1.0) as timeline:
        timeline.begin()
    assert not later


def test_an_error_of_the_load_cancels_it() -> None:
    done: list[object] = []
    begun = time.monotonic()

    def interrupted() -> None:
        with Timeline([Event(done.append, at=30.0)], "site", window=60.0) as timeline:
            timeline.begin()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not done
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"what": "explode", "of": "nginx"}, "'explode' is no event; there are kill, freeze"),
        ({"what": "kill"}, "of whom"),
        ({"what": "kill", "of": "nginx", "at": 1.0, "share": 0.5}, "give one of them"),
        ({"what": "kill", "of": "nginx", "share": 50}, "write 0.5"),
        ({"what": "kill", "of": "nginx", "at": -1}, "seconds from the beginning"),
        ({"what": "edit", "of": "nginx"}, "edit=\\(file, old, new\\)"),
        ({"what": "stop", "of": "nginx", "edit": ("a", "b", "c")}, "belongs to the event edit"),
    ],
)
def test_an_event_that_cannot_happen_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(EventError, match=says):
        Event(**given)


EVEN = [each / 10 for each in range(1, 21)]  # ten answers a second from 0.1 to 2.0
GONE = [each for each in EVEN if not 1.0 < each < 1.65]  # none between 1.0 and 1.7


@pytest.mark.parametrize(
    ("good", "failed", "span", "seen"),
    [
        (GONE, [], (1.05, 2.0), Seen(longest_gap=0.7, failures=0, repaired=0.65)),
        # the gap counts whole, though the event came in the middle of it
        (GONE, [], (1.3, 1.5), Seen(longest_gap=0.7, failures=0, repaired=0.4)),
        # failures of the span alone
        (GONE, [0.5, 1.1, 1.2, 1.9], (1.05, 1.5), Seen(longest_gap=0.7, failures=2, repaired=0.65, last_failure=0.15)),
        # nobody answers any more: the gap ends with the window
        ([0.1, 0.2], [0.5], (0.3, 2.0), Seen(longest_gap=1.8, failures=1, last_failure=0.2)),
        # and nobody has yet
        ([1.5, 1.6], [], (0.5, 1.0), Seen(longest_gap=1.5, failures=0, repaired=1.0)),
        ([], [0.1], (0.5, 1.0), Seen(longest_gap=2.0, failures=0)),
        # an event after the last answer
        (EVEN[:-5], [], (1.9, 2.0), Seen(longest_gap=0.5, failures=0)),
    ],
)
def test_what_is_seen_of_an_event(
    good: list[float], failed: list[float], span: tuple[float, float], seen: Seen
) -> None:
    found = Answers(good, failed).around(*span, window=2.0)
    assert found is not None
    assert found.failures == seen.failures
    for name in ("longest_gap", "repaired", "last_failure"):
        assert getattr(found, name) == (None if getattr(seen, name) is None else pytest.approx(getattr(seen, name))), (
            name
        )


def test_where_nobody_writes_nothing_is_said_of_writes() -> None:
    assert Answers([], []).around(0.5, 1.0, 2.0) is None
