"""Locust's own command, and what it says: of a server, of none, and of one that dies with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from small_server import SmallServer

from benchmarks.trust import plain

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def server() -> Iterator[SmallServer]:
    with SmallServer() as running:
        yield running


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where temporary files of this process and its children go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.servers
def test_its_requests_reach_the_server(server: SmallServer, temporary: Path) -> None:
    before, begun = len(server.finished()), []
    result = plain.run(server.url, users=3, seconds=2, on_begin=lambda: begun.append(time.monotonic()))
    assert 50 < result.requests <= len(server.finished()) - before
    assert result.failures == 0
    assert result.p50 is not None and result.p95 is not None and result.p99 is not None and result.average is not None
    assert 0 <= result.p50 <= result.p95 <= result.p99
    assert result.requests / 3 < result.rps < result.requests, "of two seconds, and of what its start took"
    assert len(begun) == 1
    assert list(temporary.iterdir()) == []


@pytest.mark.servers
def test_users_keep_to_their_rate_and_the_warm_up_does_not_count(server: SmallServer) -> None:
    result = plain.run(server.url, users=2, seconds=2, warmup=1, user="constant_throughput", rate_each=10)
    assert 10 <= result.requests <= 2 * 2 * 10 + 2, "20 a second, of the last two seconds only"


@pytest.mark.servers
def test_refused_connections_are_timed_like_answers() -> None:
    with SmallServer() as server:
        address = server.url
    result = plain.run(address, users=2, seconds=1)
    assert result.failures == result.requests > 100
    assert result.p50 is not None and result.p50 < 50


@pytest.mark.servers
def test_a_user_who_gets_no_answer_is_in_no_number(server: SmallServer) -> None:
    result = plain.run(server.url, users=2, seconds=1, page="/wait/?seconds=20")
    assert (result.requests, result.failures, result.rps) == (0, 0, 0.0)
    assert (result.p50, result.average) == (None, None)


@pytest.mark.servers
def test_it_ends_with_its_owner(server: SmallServer) -> None:
    code = f"from benchmarks.trust import plain; plain.run({server.url!r}, users=1, seconds=60)"
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    end = time.monotonic() + 20
    while not (locust := psutil.Process(owner.pid).children()) and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    _, alive = psutil.wait_procs(locust, timeout=10)
    assert locust and not alive


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"users": 0}, "users=0"),
        ({"seconds": 0}, "seconds=0"),
        ({"seconds": 1.5}, "whole numbers"),
        ({"warmup": -1}, "warmup=-1"),
        ({"user": "constant_throughput"}, "rate_each above 0"),
        ({"rate_each": 3}, "no pause has neither"),
        ({"user": "between", "pause": (3, 1)}, "between a pause"),
        ({"host": "http://192.0.2.1"}, "not a loopback address"),
    ],
)
def test_numbers_that_make_no_run(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plain.run(**{"host": "http://127.0.0.1:9", "users": 1, "seconds": 1, **wrong})


@pytest.mark.servers
def test_a_run_that_fails_shows_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "LOCUSTFILE", "raise RuntimeError('no such idea')  # {wait_name} {wait} {page}")
    with pytest.raises(plain.PlainError, match="no such idea"):
        plain.run("http://127.0.0.1:9", users=1, seconds=1)


def test_the_file_is_one_that_people_write() -> None:
    text = plain.locustfile(page="/hello/", user="constant_throughput", rate_each=10)
    assert "wait_time = constant_throughput(10)" in text
    assert "self.client.get('/hello/')" in text
