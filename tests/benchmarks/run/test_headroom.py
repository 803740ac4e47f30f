from __future__ import annotations

import subprocess
import sys
import urllib.request

import psutil
import pytest
from patience import HANG
from test_trial import plan, trial

from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed, Open
from benchmarks.run.headroom import CLOSED, KEPT, gauge, null_server
from benchmarks.run.limiter import limiter
from benchmarks.run.trial import Placement
from benchmarks.run.voiding import objection


@pytest.mark.servers
def test_a_generator_is_gauged_at_a_server_that_does_nothing():
    with Generator() as generator:
        kept = gauge(generator, Closed(users=3), seconds=0.2)
        fresh = gauge(generator, Open(rate=10), seconds=0.2)
    assert kept.kept
    assert not fresh.kept, "visitors of an open workload have a connection each"
    assert kept.null_rate == kept.kept_rate > 50 and kept.closed_rate > 50
    assert fresh.null_rate == fresh.closed_rate
    assert [kept.rate(seen) for seen in (True, False, None)] == [kept.kept_rate, kept.closed_rate, kept.null_rate]
    assert fresh.rate(True) == fresh.closed_rate, "who brings a connection a request gets none of the server's"
    assert 0 < kept.null_p50 <= kept.null_p99
    assert set(kept.to_json()) == {
        *("null_rate", "kept_rate", "closed_rate", "null_p50", "null_p99", "lateness_p99", "kept")
    }


@pytest.mark.servers
def test_a_connection_for_each_request_costs_the_generator_more():
    """Counted in processor time: which of two short windows has the higher rate, neighbours on the machine decide too."""
    with null_server() as url, Generator() as generator:
        kept, closed = (
            generator.trial(url, Closed(users=3, page=page), warmup=0.1, window=1.5) for page in (KEPT, CLOSED)
        )
    assert kept.connections <= 3
    assert closed.connections == pytest.approx(closed.requests, abs=6)
    assert kept.cpu_seconds / kept.requests < closed.cpu_seconds / closed.requests


@pytest.mark.servers
def test_the_null_server_is_gone_with_its_owner():
    with null_server() as url:
        assert urllib.request.urlopen(url, timeout=HANG).read() == b"nothing\n"
    with null_server(body=70_000) as larger:  # as large as the page that is to be measured
        assert len(urllib.request.urlopen(larger, timeout=HANG).read()) == 70_000
        assert len(urllib.request.urlopen(f"{larger}/closing/", timeout=HANG).read()) == 70_000
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url, timeout=HANG)
    program = (
        "from benchmarks.run.headroom import null_server\nwith null_server():\n    print('up', flush=True)\n    input()"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    owner.stdout.readline()
    (server,) = psutil.Process(owner.pid).children()
    owner.kill()
    owner.communicate()
    psutil.wait_procs([server], timeout=HANG)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


FAST = {"requests": 4000, "null_rate": 2500.0}  # 1000 a second in 4 s


@pytest.mark.parametrize(
    ("changes", "metric", "why"),
    [
        ({"due": 4000, "behind": 81}, "latency_p95", "of 4000 requests that were due it had not got to 81"),
        ({"due": 4000, "behind": 80}, "latency_p95", None),
        ({"due": 4000, "behind": 400}, "cpu_per_request", None),
    ],
)
def test_too_slow_for_its_schedule_no_latency_counts(changes, metric, why):
    seen = objection(trial(**changes), plan(metric=metric), Closed(users=4))
    assert seen is None if why is None else why in seen


def test_what_a_cpu_time_is_worth_there_is_told():
    assert limiter([trial(**FAST)], {}, {}).startswith("generator: it went at 40% of the rate that it reaches")


def test_shared_processors_are_told():
    assert "on processors shared with the generator" in limiter([trial(apart=False)], {}, {})
    assert "shared" not in limiter([trial(apart=True)], {}, {})
    assert not Placement(servers=None, generator=None).apart
    assert not Placement(servers={0, 1}, generator={1}).apart
    assert Placement(servers={0}, generator={1}).apart


def test_connections_that_stay_spoil_the_next_trial():
    assert "10 s after the load" in (objection(trial(drained=False), plan(), Closed(users=4)) or "")
    assert objection(trial(drained=True), plan(), Closed(users=4)) is None
