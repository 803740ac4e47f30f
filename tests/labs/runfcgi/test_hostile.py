"""Malformed and hostile records, several thousand, straight to the socket: the server stays, answers, and does not grow.

`RUNFCGI_COUNT=1 pytest -s` prints how many there were.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from contextlib import suppress

import hostile
import psutil
import pytest
from patience import HANG, Stopwatch, wait_for
from runfcgi_servers import Server

from labs import deploy
from labs.clients.fastcgi import AbortRequest, BeginRequest, ConversationError, Params, ProtocolStatus, Response, Stdin
from labs.clients.fastcgi.client import answer, ask, variables
from labs.errors import Missing

Serve = Callable[..., Server]
Pair = Callable[..., dict[bool, Server]]
pytestmark = pytest.mark.servers

POOL = ("minspare=4", "maxspare=4", "maxchildren=4")
ONE = ("minspare=1", "maxspare=1", "maxchildren=1")
KINDS = {"threaded": ("threaded",), "prefork": ("prefork",), "multiplexed": ("threaded", "multiplexed=true")}
# Bytes by which a process may be larger after some thousand broken connections: allocators keep a little.
GROWTH = 12_000_000
IN_TIME = 2.0


def family(server: Server) -> list[psutil.Process]:
    parent = psutil.Process(server.pid)
    return [parent, *parent.children(recursive=True)]


def size(server: Server) -> int:
    return sum(process.memory_info().rss for process in family(server))


def descriptors(server: Server) -> int:
    return sum(process.num_fds() for process in family(server))


def well(server: Server) -> float:
    """Seconds until a good request, with a body, has its right answer."""
    watch = Stopwatch()
    with server.talk() as talk:
        got = ask(talk, hostile.HEAD, hostile.BODY)
    assert got.body.decode() == f"{len(hostile.BODY)} {hashlib.sha256(hostile.BODY).hexdigest()}"
    return watch.seconds


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_hostile_connections(serve: Serve, kind: str) -> None:
    server = serve(*KINDS[kind], *POOL, "head=0.5", "silence=1", kind="guarded")
    assert well(server) < IN_TIME
    pids = [process.pid for process in family(server)]
    total, sizes = 0, []
    for name, attacks in hostile.BATCHES.items():
        number, held = hostile.attack_all(server.address, attacks())
        assert held == 0, name
        assert well(server) < IN_TIME, name
        assert [process.pid for process in family(server)] == pids, name
        # A connection ends a moment after its client has seen the end.
        assert wait_for(lambda: descriptors(server) <= before) if total else (before := descriptors(server)), name
        total += number
        sizes.append(size(server))
    assert sizes[-1] - sizes[0] < GROWTH * len(pids), sizes
    assert "Traceback" not in server.errors()
    assert server.stop() < IN_TIME
    if os.environ.get("RUNFCGI_COUNT"):
        print(
            f"{kind}: {total} hostile connections; {sizes[0] / 1e6:.1f} MB after the first batch, {sizes[-1] / 1e6:.1f} MB after the last"
        )


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_of_connections(serve: Serve, kind: str) -> None:
    """Two hundred good requests at once to four workers, then four hundred connections that say nothing and leave."""
    server = serve(*KINDS[kind], *POOL, kind="guarded")
    well(server)
    pids, before = [process.pid for process in family(server)], descriptors(server)
    answers = server.get_many("/hello/", 200)
    assert [each for each in answers if not isinstance(each, Response)] == []
    for client in hostile.half_open(server.address, 400, HALVES["half a header"]):
        client.close()
    assert well(server) < IN_TIME
    assert [process.pid for process in family(server)] == pids
    assert wait_for(lambda: descriptors(server) <= before)


def test_variables_that_go_on_in_the_next_record(pair: Pair) -> None:
    cookie = "c" * 70_000  # more than a record holds
    seen = {}
    for plain, server in pair("threaded").items():
        with server.talk(timeout=2 if plain else HANG) as talk:
            try:
                seen[plain] = ask(talk, variables("/cookie/", headers={"Cookie": cookie})).body
            except ConversationError:
                seen[plain] = b"no answer"
    assert seen[False] == b"70000"
    assert seen[True] != b"70000"


def test_a_request_is_started_once(pair: Pair) -> None:
    """The same request again and again, while it waits for its body."""
    calls = {}
    for plain, server in pair("threaded").items():
        before = int(server.get("/calls/").body)
        hostile.attack(server.address, hostile.wire([*hostile.conversation()[:-2], *[Params()] * 50]), timeout=2)
        calls[plain] = int(server.get("/calls/").body) - before - 1
    assert calls[False] == 1
    assert calls[True] > 10


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_is_given_up_frees_its_worker(serve: Serve, kind: str) -> None:
    server = serve(*KINDS[kind], *ONE, kind="guarded")
    with server.talk() as talk:
        # Before it has begun to run, and while it waits for its body; the connection stays of use.
        talk.send(BeginRequest(keep=True), AbortRequest())
        talk.receive_all()
        talk.send(*hostile.conversation(keep=True)[:-2], AbortRequest())
        assert answer(talk.receive_all(), talk).status == 500
        assert ask(talk, variables("/hello/"), keep=True).status == 200
    assert well(server) < IN_TIME


HALVES = {
    "nothing": b"",
    "half a header": b"\x01\x01\x00",
    "no variables": hostile.wire([BeginRequest()]),
    "half of the variables": hostile.wire(hostile.conversation()[:2])[:-40],
    "a body that does not come": hostile.wire(hostile.conversation()[:-2]),
    "half a record of the body": hostile.wire(hostile.conversation()[:-2]) + Stdin(b"x" * 20).encode()[:-10],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_front_end_that_falls_silent_loses_its_worker(serve: Serve, kind: str) -> None:
    server = serve(*KINDS[kind], *ONE, "head=0.3", "silence=0.3", kind="guarded")
    for name, data in HALVES.items():
        clients = hostile.half_open(server.address, 1, data)
        # The only worker is taken, and free again after the limit; multiplexed looks once a second.
        body = name == "a body that does not come" and kind == "multiplexed"
        if body:
            clients.pop().close()
        assert well(server) < IN_TIME, name
        for client in clients:
            client.close()


def taken(client: socket.socket) -> bool:
    """Whether the server reads it; plain flup closes a connection that comes while its only thread is busy."""
    client.settimeout(0.3)
    try:
        client.recv(1)
    except TimeoutError:
        return True
    except ConnectionError:
        pass
    return False


def test_plain_flup_waits_for_ever(serve: Serve) -> None:
    server = serve("threaded", *ONE, kind="plain")

    def hold() -> bool:
        clients.extend(hostile.half_open(server.address, 1, HALVES["half a header"]))
        return taken(clients[-1])

    clients: list[socket.socket] = []
    # The thread may still be at the connection that asked whether the server listens.
    assert wait_for(hold)
    for _ in range(2):
        with pytest.raises(ConversationError):
            server.get("/hello/", timeout=1)
    for client in clients:
        client.close()

    def served() -> bool:
        with suppress(ConversationError):
            return server.get("/hello/").status == 200
        return False

    assert wait_for(served)


def test_an_answer_that_nobody_reads_ends(serve: Serve) -> None:
    server = serve("threaded", *ONE, "silence=0.3", kind="guarded")
    with server.talk() as talk:
        talk.send(BeginRequest(), *Params.pieces(variables("/download/?bytes=50000000")), Stdin(b""))
        assert well(server) < IN_TIME


def test_multiplexed_requests_end_with_their_front_end(serve: Serve) -> None:
    """Two that wait for their bodies, one that has not begun: the connection's place is free again."""
    server = serve("threaded", "multiplexed=true", *ONE, kind="guarded")
    for _ in range(3):
        with server.talk() as talk:
            for number in (1, 2):
                talk.send(*hostile.conversation(number, keep=True)[:-2])
            talk.send(BeginRequest(keep=True, request_id=3))
        assert well(server) < IN_TIME


def test_more_requests_on_a_connection_than_there_may_be(serve: Serve) -> None:
    server = serve("threaded", "multiplexed=true", "maxchildren=3", "minspare=1", "maxspare=1", kind="guarded")
    with server.talk() as talk:
        for number in range(1, 6):
            params = Params.pieces(variables(server.hold), request_id=number)
            talk.send(BeginRequest(keep=True, request_id=number), *params, Stdin(b"", request_id=number))
        ends = [talk.receive_all()[-1] for _ in range(2)]
        server.let_go()
        ends += [talk.receive_all()[-1] for _ in range(3)]
        assert [end.protocol_status for end in ends] == [ProtocolStatus.OVERLOADED] * 2 + [0] * 3


SHIELDS = ["fastcgi-nginx", "fastcgi-lighttpd"]  # Apache collects too, with a worker for each visitor


@pytest.mark.parametrize("name", SHIELDS)
def test_a_front_end_shields_its_two_workers_from_slow_visitors(name: str) -> None:
    """Heads and bodies that come byte by byte, or not at all, on two hundred connections: flup never hears of them."""
    try:
        site = deploy(name, workers=2).start()
    except Missing as missing:
        pytest.skip(str(missing))
    with site:
        address = ("127.0.0.1", int(site.url.rpartition(":")[2]))
        head = b"POST /upload/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
        clients = hostile.half_open(address, 100, head) + hostile.half_open(address, 100, head + b"\r\n" + b"x" * 50)
        for _ in range(3):
            watch = Stopwatch()
            assert site.get("/hello/", timeout=HANG).status == 200
            assert watch.seconds < 1
            for client in clients:
                client.send(b"x")
        for client in clients:
            client.close()


@pytest.mark.parametrize("name", [*SHIELDS, "fastcgi-apache"])
def test_a_front_end_speaks_for_those_who_speak_no_http(name: str) -> None:
    """FastCGI records, and noise, to the front-end's own port: it answers or closes, and flup stays as it was."""
    try:
        site = deploy(name, workers=2).start()
    except Missing as missing:
        pytest.skip(str(missing))
    with site:
        address = ("127.0.0.1", int(site.url.rpartition(":")[2]))
        pid = site.pid_of("runfcgi")
        number, held = hostile.attack_all(address, [*hostile.noise(3, 300), *list(hostile.truncated())[::8]])
        assert number > 300
        assert held == 0
        assert site.get("/hello/").status == 200
        assert site.pid_of("runfcgi") == pid
        assert "ended early" not in site.log("runfcgi.log")
