from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from small_server import SmallServer

from benchmarks.run.trial import place
from benchmarks.trust.foreign import GENERATORS, ForeignError, Load
from labs import deploy
from labs.errors import Missing
from labs.runtime.deployment import Deployment

WRK = """Running 2s test @ http://127.0.0.1:4000/hello/
  1 threads and 4 connections
  {requests} requests in {time}, 1.50MB read
{more}Requests/sec:   5000.00
"""
AB = """Time taken for tests:   2.003 seconds
Complete requests:      3411
Failed requests:        {failed}
   (Connect: 0, Receive: 0, Length: 0, Exceptions: 1)
{more}Keep-Alive requests:    0
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("wrk", WRK.format(requests=10021, time="2.00s", more=""), Load(requests=10021, failures=0, seconds=2.0)),
        ("wrk", WRK.format(requests=7, time="850.00ms", more=""), Load(requests=7, failures=0, seconds=0.85)),
        ("wrk", WRK.format(requests=9, time="1.00m", more=""), Load(requests=9, failures=0, seconds=60.0)),
        (
            "wrk",
            WRK.format(
                requests=100,
                time="2.00s",
                more="  Socket errors: connect 1, read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 10\n",
            ),
            Load(requests=90, failures=16, seconds=2.0),
        ),
        ("ab", AB.format(failed=0, more=""), Load(requests=3411, failures=0, seconds=2.003)),
        (
            "ab",
            AB.format(failed=1, more="Non-2xx responses:      11\n"),
            Load(requests=3399, failures=12, seconds=2.003),
        ),
    ],
)
def test_what_they_print_is_read(name: str, text: str, expected: Load) -> None:
    assert GENERATORS[name].read(text) == expected


@pytest.fixture(params=GENERATORS)
def generator(request: pytest.FixtureRequest) -> str:
    if GENERATORS[request.param].program.look() is None:
        pytest.skip(f"{request.param} is not on this machine: python3 -m labs.provision.servers wrk ab")
    return str(request.param)


@pytest.mark.servers
@pytest.mark.parametrize("threads", [4, 1], ids=["keeps connections", "closes them"])
def test_they_load_a_server(generator: str, threads: int) -> None:
    server = SmallServer(threads=threads).start()
    affinity = os.sched_getaffinity(0)
    try:
        before = server.cpu_seconds()
        seen = GENERATORS[generator].load(f"{server.url}/hello", users=2, seconds=1, cpus={min(affinity)})
        assert seen.requests > 20 and seen.failures == 0
        assert 0.9 < seen.seconds < 5
        assert server.cpu_seconds() > before
    finally:
        server.stop()
    assert os.sched_getaffinity(0) == affinity, "this process is where it was"


@pytest.mark.servers
def test_nobody_answers(generator: str) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else can take the port, and nobody answers
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/hello"
        with pytest.raises(ForeignError, match=r"ended with status \d+\. Its last words"):
            GENERATORS[generator].load(url, users=2, seconds=1)


def test_a_missing_one_says_what_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("labs.servers.program.SERVERS", tmp_path)
    monkeypatch.setattr("labs.servers.program.SYSTEM", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match=r"wrk is not on this machine\. .*labs\.provision\.servers wrk ab"):
        GENERATORS["wrk"].find()


@pytest.mark.servers
@pytest.mark.alone
def test_wrk_hangs_up_before_apache_waits_and_ab_does_not() -> None:
    """Why a request costs less under wrk, which the page on trust explains: the child does not sleep in its lingering close."""
    slept = {}
    placed = place(True)
    try:
        for each in GENERATORS.values():
            each.find()
        site = deploy("modpython-apache", workers=1, keepalive=0, media="django", cpus=placed.servers)
    except Missing as missing:
        pytest.skip(str(missing))
    with site:
        for name, each in GENERATORS.items():
            before = _slept(site)
            url = site.url + "/media/photos/thumbnail/town-1.jpg"
            load = each.load(url, users=2, seconds=2, cpus=placed.generator)
            slept[name] = (_slept(site) - before) / load.requests
    assert slept["ab"] > 0.8, slept
    assert slept["wrk"] < slept["ab"] / 2, slept


def _slept(site: Deployment) -> int:
    """How often the processes of a deployment went to sleep of their own accord."""
    return sum(process.num_ctx_switches().voluntary for process in site.tree())
