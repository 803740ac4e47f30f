"""Each defect of flup on Python 3: shown in plain flup, and mended in ours."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from patience import HANG, Stopwatch, wait_for
from runfcgi_servers import Server, gone

from labs.clients.fastcgi import (
    BeginRequest,
    Conversation,
    ConversationError,
    GetValues,
    GetValuesResult,
    Other,
    Params,
    RecordError,
    Response,
    Stdin,
    Stdout,
    UnknownType,
)
from labs.clients.fastcgi.client import answer, ask, variables

Serve = Callable[..., Server]
Pair = Callable[..., dict[bool, Server]]
# Seconds for what takes some hundredths on a machine that has nothing else to do.
BOUND = 3.0
# Becomes nobody once Python has started: nobody may not get to a checkout below /root, and so to its interpreter
OPEN = (
    "import os, socket, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534);"
    "sys.exit(socket.socket(socket.AF_UNIX).connect_ex(sys.argv[1]))"
)
METHODS = ["prefork", "threaded"]
pytestmark = pytest.mark.servers


def kept(server: Server) -> Conversation:
    """A connection that has had one answer and stays open, as a front-end's does."""
    talk = server.talk()
    assert ask(talk, variables("/hello/"), keep=True).status == 200
    return talk


def body(result: Response | Exception) -> bytes:
    return result.body if isinstance(result, Response) else b""


@pytest.mark.parametrize("method", METHODS)
def test_an_answer_that_breaks_off_is_not_ended_like_a_whole_one(pair: Pair, method: str) -> None:
    for plain, server in pair(method, "maxspare=1").items():
        with server.talk() as talk:
            if plain:
                assert ask(talk, variables("/half/")).body == b"a part"
                continue
            with pytest.raises(RecordError, match="first byte is 0, the version"):
                ask(talk, variables("/half/", body=b"x" * 1000), b"x" * 1000, keep=True)
            assert any(b"a part" in exchange.record.encode() for exchange in talk.exchanges)
            assert talk._socket.recv(1) == b"", "and the connection is closed"
        assert server.get("/hello/").status == 200, "the worker serves the next"


def test_an_answer_that_breaks_off_leaves_the_others_of_its_connection_alone(serve: Serve) -> None:
    server = serve("threaded", "multiplexed=true", kind="guarded")
    with server.talk() as talk:
        assert ask(talk, variables("/half/"), keep=True).body == b"a part"
        assert ask(talk, variables("/hello/"), keep=True).status == 200


def test_prefork_grows_beyond_maxspare(pair: Pair) -> None:
    sizes = ("minspare=1", "maxspare=2", "maxchildren=6")
    pids = {}
    for plain, server in pair("prefork", *sizes).items():
        with ThreadPoolExecutor(1) as pool:
            results = pool.submit(server.get_many, server.hold, 6)
            assert wait_for(lambda server=server, plain=plain: server.held() >= (2 if plain else 6))
            server.let_go()
            pids[plain] = {body(result) for result in results.result()}
        assert b"" not in pids[plain]
    assert len(pids[True]) == 2
    assert len(pids[False]) >= 5


def test_prefork_does_not_end_at_once_what_it_has_just_grown(serve: Serve) -> None:
    server = serve("prefork", "minspare=1", "maxspare=1", "maxchildren=6", kind="guarded")
    pids, began = set(), time.monotonic()
    for _ in range(6):
        pids |= {body(result) for result in server.get_many("/wait/?seconds=0.1", 5)}
    assert len(pids) <= 6 + (time.monotonic() - began)  # one a second goes
    with ThreadPoolExecutor(1) as pool:
        results = pool.submit(server.get_many, server.hold, 5)
        assert wait_for(lambda: server.held() == 5)
        server.let_go()
        results.result()
    before = len(server.children())
    assert before >= 4
    # One a second goes when there is nothing to do.
    assert wait_for(lambda: len(server.children()) < before, 4)


def test_threads_grow_at_once_in_a_burst(pair: Pair) -> None:
    threads = {}
    for plain, server in pair("threaded", "minspare=1", "maxspare=1", "maxchildren=8").items():
        with ThreadPoolExecutor(1) as pool:
            results = pool.submit(server.get_many, server.hold, 8)
            if not plain:
                assert wait_for(lambda server=server: server.held() == 8)
            threads[plain] = psutil.Process(server.pid).num_threads() - 1
            server.let_go()
            assert plain or all(body(result) for result in results.result())
    assert threads[False] == 8


def test_connections_beyond_the_most_threads_wait_and_are_not_closed(pair: Pair) -> None:
    lost = {}
    for plain, server in pair("threaded", "minspare=1", "maxspare=2", "maxchildren=2").items():
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(server.get_many, server.hold, 2)
            # One that comes before both threads are busy would only queue.
            assert wait_for(lambda server=server: server.held() == 2)
            later = [server.talk() for _ in range(4)]
            for talk in later:
                with suppress(ConversationError):  # plain flup may be faster to close it
                    talk.send(BeginRequest(), *Params.pieces(variables("/hello/")), Stdin(b""))
            closed = [plain and talk.closed() for talk in later]
            server.let_go()
            lost[plain] = sum(closed)
            assert plain or all(answer(talk.receive_all(), talk).status == 200 for talk in later)
            assert all(body(result) for result in first.result())
            for talk in later:
                talk.close()
    assert lost == {True: 4, False: 0}


@pytest.mark.parametrize(
    ("method", "signum"),
    [("prefork", signal.SIGTERM), ("prefork", signal.SIGINT), ("threaded", signal.SIGINT), ("threaded", signal.SIGHUP)],
)
def test_an_idle_server_stops_at_once(serve: Serve, method: str, signum: int) -> None:
    server = serve(method, "maxchildren=2", "pidfile=x.pid")
    assert (server.folder / "x.pid").read_text() == f"{server.pid}\n"
    children = server.children()
    assert server.stop(signum) < BOUND
    assert not (server.folder / "x.pid").exists()
    assert server.process.returncode == 0
    assert gone(children)
    assert not Path(str(server.address)).exists()
    assert server.errors() == ""


def test_plain_prefork_is_deaf_and_leaves_its_socket(serve: Serve) -> None:
    server = serve("prefork", "maxspare=2", kind="plain")
    # The probes of the start are over then: each would be the event that it waits for.
    time.sleep(0.5)
    with pytest.raises(subprocess.TimeoutExpired):
        server.stop(timeout=1)
    server.get("/hello/")
    server.process.wait(HANG)
    assert Path(str(server.address)).exists()


@pytest.mark.parametrize("method", METHODS)
def test_a_kept_connection_does_not_hold_a_stop_up(pair: Pair, method: str) -> None:
    plain, ours = pair(method, "maxspare=2").values()
    talks = [kept(plain), kept(ours)]
    plain.process.send_signal(signal.SIGTERM)
    assert ours.stop() < BOUND
    assert talks[1].closed()
    with pytest.raises(subprocess.TimeoutExpired):
        plain.process.wait(1.5)
    for talk in talks:
        talk.close()


@pytest.mark.parametrize("method", METHODS)
def test_a_request_under_way_is_answered_at_a_stop(serve: Serve, method: str) -> None:
    server = serve(method, "maxchildren=2", kind="guarded")
    with server.talk() as talk:
        talk.send(BeginRequest(keep=True), *Params.pieces(variables(server.hold)), Stdin(b""))
        assert wait_for(server.held)
        server.process.send_signal(signal.SIGTERM)
        server.let_go()
        assert b"200 OK" in b"".join(record.data for record in talk.receive_all() if isinstance(record, Stdout))
        assert talk.closed()
    server.process.wait(HANG)
    assert server.process.returncode == 0


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs Linux: the kernel's signal at a parent's death")
def test_killed_outright_prefork_leaves_no_children(pair: Pair) -> None:
    plain, ours = pair("prefork", "maxspare=2").values()
    talks = [kept(plain), kept(ours)]
    before = {server.pid: server.children() for server in (plain, ours)}
    for server in (plain, ours):
        server.process.kill()
        server.process.wait(HANG)
    assert wait_for(lambda: gone(before[ours.pid]), 2)
    time.sleep(0.3)
    assert not gone(before[plain.pid])
    for talk in talks:
        talk.close()


def leave_early(server: Server) -> None:
    """A visitor who stops the download: the front-end resets the connection."""
    with server.talk() as talk:
        talk.send(BeginRequest(), *Params.pieces(variables("/download/?bytes=5000000")), Stdin(b""))
        talk.receive()
        talk._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def nonsense(server: Server) -> None:
    with server.talk() as talk:
        # Variables of three bytes whose first length alone would take four, and their end.
        talk.send(BeginRequest()).send_bytes(bytes([1, 4, 0, 1, 0, 3, 0, 0, 200, 200, 200, *Params().encode()]))
        assert talk.closed()


def test_a_client_does_not_kill_its_worker(pair: Pair) -> None:
    same: dict[bool, list[bool]] = {}
    for plain, server in pair("prefork", "minspare=1", "maxspare=1", "maxchildren=1", tcp=True).items():
        for harm in (leave_early, nonsense):
            before = server.children()
            harm(server)
            assert server.get("/hello/").status == 200
            same.setdefault(plain, []).append(server.children() == before)
        if not plain:
            assert "a connection ended early" in server.errors()
    assert same == {True: [False, False], False: [True, True]}


def test_values_are_told(pair: Pair) -> None:
    values = {}
    for plain, server in pair("threaded", "maxchildren=7").items():
        with server.talk() as talk:
            answer = talk.send(GetValues.ask()).receive()
            assert isinstance(answer, GetValuesResult)
            values[plain] = answer.values
            assert talk.send(Other(b"", kind=55, request_id=0)).receive() == UnknownType(55)
    assert values[True] == {}
    assert values[False] == {"FCGI_MAX_CONNS": "7", "FCGI_MAX_REQS": "7", "FCGI_MPXS_CONNS": "0"}


def test_maxrequests_counts_requests_of_kept_connections(pair: Pair) -> None:
    closed = {}
    for plain, server in pair("prefork", "minspare=1", "maxspare=1", "maxchildren=1", "maxrequests=3").items():
        with server.talk() as talk:
            first = {ask(talk, variables("/wait/?seconds=0"), keep=True).body for _ in range(3)}
            talk.timeout = 0.4 if plain else HANG
            closed[plain] = talk.closed()
        assert len(first) == 1
        if not plain:
            watch = Stopwatch()
            assert server.get("/wait/?seconds=0").body not in first
            # flup would take two seconds to replace the child.
            assert watch.seconds < 1.5
    assert closed == {True: False, False: True}


def test_sigusr1_does_not_kill_prefork(pair: Pair) -> None:
    def dead(server: Server) -> bool:
        with suppress(ConversationError):
            server.get("/hello/")  # the signal is noticed at the next event
        return server.process.poll() is not None

    alive = {}
    for plain, server in pair("prefork", "maxspare=2").items():
        server.process.send_signal(signal.SIGUSR1)
        alive[plain] = not wait_for(lambda server=server: dead(server), 5 if plain else 1)
    assert alive == {True: False, False: True}


def test_kept_tcp_connections_do_not_wait_for_acknowledgements(pair: Pair) -> None:
    seconds = {}
    for plain, server in pair("threaded", tcp=True).items():
        with kept(server) as talk:
            watch = Stopwatch()
            for _ in range(15):
                ask(talk, variables("/hello/"), keep=True)
            seconds[plain] = (watch.wall if plain else watch.seconds) / 15
    assert seconds[False] < 0.015
    # Linux puts an acknowledgement off for 40 ms, once a connection is past its first quick ones.
    assert seconds[True] > 0.02 or not sys.platform.startswith("linux")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
def test_whether_another_user_can_open_the_socket(serve: Serve) -> None:
    """flup keeps the umask of its terminal; a front-end that works as www-data is then refused. umask=000 lets it in."""
    refused = {}
    for words in ((), ("umask=000",)):
        server = serve("threaded", *words)
        server.folder.parent.chmod(0o755)
        command = [sys.executable, "-c", OPEN, str(server.address)]
        refused[words] = subprocess.run(command, check=False, timeout=HANG).returncode
    assert refused == {(): 13, ("umask=000",): 0}


def test_requests_share_a_connection_when_multiplexed(serve: Serve) -> None:
    server = serve("threaded", "multiplexed=true", kind="guarded")
    with server.talk() as talk:
        for number in (1, 2):
            params = Params.pieces(variables("/wait/?seconds=0.3"), request_id=number)
            talk.send(BeginRequest(keep=True, request_id=number), *params, Stdin(b"", request_id=number))
        watch = Stopwatch()
        first, second = talk.receive_all(), talk.receive_all()
        assert {first[-1].request_id, second[-1].request_id} == {1, 2}
        assert watch.seconds < 0.55
    assert server.stop() < 2
