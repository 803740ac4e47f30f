"""Requests with a due time: against real servers, through the real generator."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from small_server import SmallServer

from benchmarks.load.outcome import TrialLoad
from benchmarks.load.process import GeneratorError
from benchmarks.plan.workload import Closed, Expectation, Open

pytestmark = pytest.mark.servers


def percentile(load: TrialLoad, which: float) -> float:
    """In seconds."""
    return (load.latency.percentile(which) or 0) / 1e6


def accounted(load: TrialLoad) -> int:
    return load.requests + sum(load.failures.values()) + load.unanswered


@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
def test_what_is_due_is_asked(generator, server, arrivals):
    before = len(server.finished())
    load = generator.trial(server.url, Open(rate=100, arrivals=arrivals, page="/once/"), warmup=0.2, window=0.8, seed=3)
    assert load.requests == load.due == accounted(load)
    assert load.due == 80 if arrivals == "constant" else 40 < load.due < 120
    assert load.offered == load.achieved == pytest.approx(load.due / 0.8)
    seen = len([path for path, _at in server.finished()[before:] if path == "/once/"])
    assert seen >= load.due + load.warmup.requests, "and none is asked twice or by nobody"
    assert load.connections == pytest.approx(load.due, abs=5), "each visitor has a connection of its own"


def test_the_same_seed_is_due_at_the_same_moments(generator, server):
    load = Open(rate=200, arrivals="poisson")
    due = [generator.trial(server.url, load, warmup=0.1, window=0.4, seed=seed).due for seed in ("a", "a", "b", "c")]
    assert due[0] == due[1]
    assert len(set(due)) > 1


def test_pages_are_asked_for_in_turn_and_a_kept_connection_serves_who_comes_next(generator, server):
    before = len(server.finished())
    load = generator.trial(server.url, Open(rate=50, pages=("/a/", "/b/"), keep=True), warmup=0, window=0.4)
    paths = [path for path, _at in server.finished()[before:]][:10]
    assert paths.count("/a/") == paths.count("/b/") == 5
    assert load.connections <= 10


def freezing(server: SmallServer, seconds: float):
    """Stop the server for that long, 0.3 s into the window."""
    return lambda _at: threading.Timer(0.3, server.freeze, (seconds,)).start()


@pytest.mark.parametrize("load", [Open(rate=50), Closed(users=5, pace=0.1)], ids=["open", "paced"])
def test_a_freeze_shows_in_the_95th_percentile(generator, server, load):
    seen = generator.trial(server.url, load, warmup=0.2, window=2, on_begin=freezing(server, 0.8))
    assert seen.requests == seen.due == 100
    # 0.8 s of 2 s: those due in it wait from 0.8 s down to nothing, so one in twenty waits longer than 0.7 s
    assert 0.6 < percentile(seen, 95) < 1.2
    assert percentile(seen, 50) < 0.3


def test_users_without_a_schedule_hide_the_same_freeze(generator, server):
    seen = generator.trial(server.url, Closed(users=5), warmup=0.2, window=2, on_begin=freezing(server, 0.8))
    assert percentile(seen, 95) < 0.2, "five long answers among hundreds of short ones"


def test_requests_that_a_frozen_server_never_answers_are_counted_with_their_age(generator):
    frozen = []  # seconds of the window that were over when it stood still
    with SmallServer() as server:

        def suspend(begin: float) -> None:
            server.suspend()
            frozen.append(time.monotonic() - begin)

        seen = generator.trial(server.url, Open(rate=50), warmup=0.2, window=1, on_begin=suspend)
    assert accounted(seen) == seen.due == 50
    assert 50 * (1 - frozen[0]) - 2 <= seen.unanswered <= 50
    assert seen.latency.count == seen.due
    assert percentile(seen, 95) > 1.9, "they waited until a second after the window"
    assert seen.users == pytest.approx(100, abs=10), "one user for each that was due, in that second too"


def test_beyond_the_limit_requests_are_late_and_not_lost(generator):
    with SmallServer(threads=4) as server:
        load = Open(rate=40, page="/wait/?seconds=0.2", limit=2)
        seen = generator.trial(server.url, load, warmup=0, window=1)
    assert accounted(seen) == seen.due == 40
    assert seen.users == 2
    assert seen.unanswered == pytest.approx(20, abs=4), "two users at 0.2 s a page, for a second and one more"
    assert seen.behind == 0, "the users are the limit, not the generator"


def test_failures_belong_to_the_moment_they_were_due_too(generator, server):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    dead = generator.trial(url, Open(rate=50), warmup=0.1, window=0.4)
    assert dead.failures == {"refused": 20}
    wrong = generator.trial(
        server.url, Open(rate=50), warmup=0.1, window=0.4, expectation=Expectation(marker="something else")
    )
    assert wrong.failures == {"body without the expected text": 20}


def test_a_generator_that_cannot_keep_up_says_so(generator, server):
    seen = generator.trial(server.url, Open(rate=20_000), warmup=0, window=0.3)
    assert seen.behind > 1000
    assert accounted(seen) == seen.due == 6000
    assert seen.achieved is not None
    assert seen.offered is not None
    assert seen.achieved < 0.98 * seen.offered


@pytest.mark.parametrize("load", [Open(rate=20, keep=True), Closed(users=4, pace=0.2)], ids=["open", "paced"])
def test_requests_in_flight_are_rate_times_latency(generator, server, load):
    """Few requests, each of which waits long and costs little: a busy machine has time for them, and none is late."""
    seen = generator.trial(server.url, load.replace(page="/wait/?seconds=0.15"), warmup=0.4, window=2)
    assert seen.in_flight_mean == pytest.approx(seen.held_seconds / seen.seconds, rel=0.1, abs=0.2)
    assert seen.in_flight_mean > 2.5


def test_a_task_of_several_requests_has_no_due_time(generator, server):
    load = Open(rate=10, user="benchmarks.users.browser:Browser")
    with pytest.raises(GeneratorError, match="no due time"):
        generator.trial(server.url, load, warmup=0, window=0.2)
