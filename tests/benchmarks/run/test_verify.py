from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest
from small_server import SmallServer

from benchmarks import experiments
from benchmarks.host import fingerprint
from benchmarks.plan import profiles
from benchmarks.plan.workload import Expectation
from benchmarks.run.drain import connections, drain
from benchmarks.run.meter import Meter
from benchmarks.run.verify import Promise, VerificationError, verify
from labs.errors import LabError

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def keeping() -> Iterator[SmallServer]:
    with SmallServer(threads=4) as server:
        yield server


@pytest.fixture(scope="module")
def closing() -> Iterator[SmallServer]:
    with SmallServer(threads=1) as server:
        yield server


def test_whether_a_connection_is_kept_is_seen(keeping, closing):
    assert verify(keeping.url, ("/",), Expectation(), Promise(keepalive=True))
    assert verify(closing.url, ("/",), Expectation(), Promise(keepalive=False))
    with pytest.raises(
        VerificationError, match="expected a connection that stays open, saw a connection that is closed"
    ):
        verify(closing.url, ("/",), Expectation(), Promise(keepalive=True))
    with pytest.raises(VerificationError, match="expected a connection that is closed"):
        verify(keeping.url, ("/",), Expectation(), Promise(keepalive=False))


def test_where_failures_are_counted_an_answer_without_one_is_waited_for(keeping):
    assert [
        seen.status for seen in verify(keeping.url, ("/settles/",), Expectation(failures=("status 500",)), Promise())
    ] == [200]
    [failing] = verify(keeping.url, ("/fail/",), Expectation(failures=("status 500",)), Promise(server="gunicorn"))
    assert failing.status == 500, "where all fail, all will be counted as failed"
    with pytest.raises(VerificationError, match="saw status 302"):
        verify(keeping.url, ("/moved/",), Expectation(failures=("status 500",)), Promise())


@pytest.mark.parametrize(
    ("page", "expectation", "promise", "seen"),
    [
        ("/fail/", Expectation(), Promise(), "saw status 500"),
        ("/moved/", Expectation(), Promise(), "saw status 302"),
        ("/", Expectation(marker="sections"), Promise(), "a body without it"),
        ("/", Expectation(), Promise(server="lighttpd"), "saw Server: gunicorn"),
        ("/", Expectation(), Promise(headers={"Expires": "2026"}), "saw Expires: not given"),
        ("/", Expectation(), Promise(cached=True), "X-Cache: not given"),
    ],
)
def test_what_is_not_as_promised_is_shown(keeping, page, expectation, promise, seen):
    with pytest.raises(VerificationError) as wrong:
        verify(keeping.url, (page,), expectation, promise)
    assert seen in str(wrong.value)
    assert "server: gunicorn" in str(wrong.value), "the answer itself is shown"


def test_a_server_that_is_not_there_is_said():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(VerificationError, match="did not answer"):
        verify(f"http://127.0.0.1:{port}", ("/",), Expectation(), Promise())


def test_draining_waits_for_the_last_connection(keeping):
    port = int(keeping.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)):
        assert connections(port)[0] >= 1
        assert drain(keeping.url, patience=0.1)[0] is False
    assert drain(keeping.url, patience=5)[0] is True


def test_a_meter_reads_both_ends(keeping):
    meter = Meter.of(keeping)
    meter.begin()
    for _ in range(50):
        keeping.get("/")
    meter.end()
    assert 0 <= meter.cpu_seconds <= meter.seconds * 8
    assert meter.pss_bytes > 1_000_000


def test_the_fingerprint_names_nobody():
    found = fingerprint.fingerprint()
    text = json.dumps(found)
    assert socket.gethostname() not in text or len(socket.gethostname()) < 4
    assert str(fingerprint.ROOT) not in text
    assert found["memory_bytes"] > 1e8
    assert fingerprint.versions().keys() >= {"Python", "django", "locust"}
    assert re.fullmatch(r"[0-9a-f]{7,}\+?|", fingerprint.commit() or "")
    assert 0 <= fingerprint.Steal().share() <= 1


def test_profiles_and_experiments_are_found_by_name():
    assert profiles.get("reference").blocks >= 10
    with pytest.raises(LabError, match="smoke, lesson, reference"):
        profiles.get("quick")
    with pytest.raises(experiments.NoExperimentError, match="no-such-claim has no experiment"):
        experiments.get("no-such-claim")
    for claim in experiments.names():
        assert experiments.get(claim).claim == claim
