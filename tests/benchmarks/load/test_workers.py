"""Several generating processes: a real master, real workers, real servers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from small_server import SmallServer

from benchmarks.load.outcome import TrialLoad
from benchmarks.load.process import Generator, GeneratorError, RefusalError
from benchmarks.load.workers import Workers
from benchmarks.plan.workload import Closed, Open
from labs.errors import OptionError

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def pair() -> Iterator[Generator]:
    with Generator(workers=2) as running:
        yield running


def asked(server: SmallServer, load: TrialLoad) -> Counter[str]:
    """What the server was asked for until a moment before the window's end; its own start-up asks for /."""
    return Counter(path for path, at in server.finished() if at < load.end - 0.05 and path != "/")


def gone(pids: list[int]) -> bool:
    """Whether all of them have ended, within a few seconds."""
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(pid))
    _, alive = psutil.wait_procs(found, timeout=5)
    return not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
def test_every_arrival_is_asked_for_exactly_once(generator, pair, arrivals):
    pages = tuple(f"/{number}/" for number in range(1000))  # the number of an arrival is its page
    load, seen = Open(rate=100, arrivals=arrivals, pages=pages), []
    for which in (generator, pair):
        with SmallServer() as server:
            told = which.trial(server.url, load, warmup=0.2, window=0.8, seed=3)
            seen.append((told, asked(server, told)))
    (one, by_one), (two, by_two) = seen
    assert two.due == one.due == two.requests == two.latency.count
    assert two.warmup.requests == pytest.approx(one.warmup.requests, abs=3)
    assert set(by_two.values()) == {1}
    assert set(by_two) == {f"/{number}/" for number in range(len(by_two))}, "none left out, whoever's it was"
    assert len(by_two) == pytest.approx(len(by_one), abs=10)
    assert all(worker.requests >= 0.3 * two.requests for worker in two.workers)


def test_what_they_saw_is_added(pair, server):
    load = pair.trial(server.url, Closed(users=5), warmup=0.2, window=0.6)
    assert load.users == load.users_alive == 5
    assert sorted(worker.users for worker in load.workers) == [2, 3]
    assert load.requests == load.latency.count == sum(worker.requests for worker in load.workers)
    # Begin and end are those of the first and of the last: on a busy machine their windows lie apart by `skew`. All that
    # finished while both counted was counted, and nothing that finished while neither did, but for what was on its way.
    skew = load.end - load.begin - load.seconds
    finished = [at for _path, at in server.finished()]
    by_both = sum(load.begin + 2 * skew <= at < load.end - 2 * skew for at in finished)
    by_any = sum(load.begin <= at < load.end for at in finished)
    assert by_both - 10 <= load.requests <= by_any + 10
    assert load.seconds == pytest.approx(0.6, abs=0.2)
    assert load.in_flight_mean == pytest.approx(load.held_seconds / load.seconds, rel=0.1, abs=0.3)
    assert {worker.where for worker in load.workers} == {"this machine"}
    assert {worker.pid for worker in load.workers} == set(pair.pids[1:])
    assert load.lateness.p99 == max(worker.lateness for worker in load.workers)
    assert max(worker.clock_error for worker in load.workers) < 0.05
    assert max(worker.cpu_seconds for worker in load.workers) <= load.cpu_seconds


def test_a_processor_is_what_its_workers_use_together(pair, server):
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system holds no process to a processor")
    cpus = sorted(os.sched_getaffinity(0))
    together = pair.trial(server.url, Closed(users=4), warmup=0, window=0.3, cpus=cpus[:1])
    assert [worker.cpus for worker in together.workers] == [tuple(cpus[:1])] * 2
    assert together.cpu_seconds == pytest.approx(sum(worker.cpu_seconds for worker in together.workers))
    apart = pair.trial(server.url, Closed(users=4), warmup=0, window=0.3, cpus=cpus[:2])
    assert [worker.cpus for worker in apart.workers] == [tuple(cpus[:1]), tuple(cpus[:2][-1:])]


def test_the_same_users_draw_the_same(generator, pair):
    seen = []
    for which in (generator, pair):
        with SmallServer() as server:
            workload = Closed(users=4, page="/articles/{}/", user="zipf", pace=0.1, settings={"articles": 500})
            load = which.trial(server.url, workload, warmup=0, window=0.5, seed=7)
            seen.append((load.due, asked(server, load)))
    assert seen[0][0] == seen[1][0] == 20
    assert sum((seen[0][1] & seen[1][1]).values()) >= 16, "but for those around the end of the window"


def test_those_without_an_answer_are_counted_over_all(pair):
    with SmallServer(threads=1) as server:
        load = pair.trial(server.url, Closed(users=4, page="/wait/?seconds=1"), warmup=0.2, window=1.5)
    assert load.in_flight == load.waiting.count == 4
    assert load.unanswered in (4 - load.requests, 3)


def test_more_workers_than_users(pair, server):
    load = pair.trial(server.url, Closed(users=1), warmup=0, window=0.2)
    assert load.users == load.users_alive == 1
    assert load.requests > 5


def test_a_refusal_leaves_them_well(pair, server):
    with pytest.raises(RefusalError, match="not a loopback address"):
        pair.trial("http://192.0.2.1:80", Closed(users=2), warmup=0, window=0.1)
    with pytest.raises(RefusalError, match="limit"):
        pair.trial(server.url, Open(rate=10, limit=1), warmup=0, window=0.1)
    assert pair.trial(server.url, Closed(users=2), warmup=0, window=0.2).requests


def test_a_death_is_an_error_and_leaves_nothing(pair, server):
    """First a worker's, then, among new ones, the master's while a worker hangs."""

    def killed(number: int, hangs: int | None = None) -> list[int]:
        pids = list(pair.start().pids)
        if hangs is not None:
            os.kill(pids[hangs], signal.SIGSTOP)
        kill = pids[number]
        said = rf"worker {kill} ended .*status -9" if number else "ended in the middle"
        threading.Timer(0.5, os.kill, (kill, signal.SIGKILL)).start()
        with pytest.raises(GeneratorError, match=said):
            pair.trial(server.url, Closed(users=2), warmup=0, window=20)
        return pids

    first = killed(1)
    assert gone(first)
    second = killed(0, hangs=2)
    assert not set(first) & set(second)
    assert gone(second)


def test_workers_that_the_reader_starts(server):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "benchmarks.load.generator", "--worker", address]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as worker:
        try:
            with Generator(workers=Workers(count=1, listen=address)) as generator:
                load = generator.trial(server.url, Open(rate=50), warmup=0, window=0.2)
                assert load.requests == load.due == 10
                assert [each.pid for each in load.workers] == [worker.pid]
                with pytest.raises(RefusalError, match="start it with --target"):
                    generator.trial("http://192.0.2.1:80", Closed(users=1), warmup=0, window=0.1, remote=True)
            said, _ = worker.communicate(timeout=5)
        finally:
            worker.kill()
    assert "its master is gone" in said


def test_an_address_that_is_taken_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(GeneratorError, match=f"cannot listen at {address}"):
            Generator(workers=Workers(count=1, listen=address)).start()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"count": 0}, "at least 1"),
        ({"count": 1, "listen": "192.168.1.5:5557"}, "is_mine=True"),
        ({"count": 1, "listen": "*:5557"}, "is_mine=True"),
        ({"count": 1, "listen": "192.168.1.5"}, "HOST:PORT"),
    ],
)
def test_what_workers_may_not_be(said, why):
    with pytest.raises(OptionError, match=why):
        Workers(**said)
