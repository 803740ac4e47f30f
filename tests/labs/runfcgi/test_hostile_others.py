"""SCGI and AJP, malformed and hostile, straight to the socket: as for FastCGI, the server stays, answers, and does not grow."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable

import hostile
import hostile_others
import psutil
import pytest
from patience import HANG, Stopwatch, wait_for
from runfcgi_servers import Server

Serve = Callable[..., Server]
pytestmark = pytest.mark.servers

POOL = ("minspare=4", "maxspare=4", "maxchildren=4")
ONE = ("minspare=1", "maxspare=1", "maxchildren=1")
PROTOCOLS = ["scgi", "ajp"]
RIGHT = f"{len(hostile.BODY)} {hashlib.sha256(hostile.BODY).hexdigest()}".encode()
GROWTH = 12_000_000  # bytes a process, as in test_hostile
IN_TIME = 2.0


def start(serve: Serve, protocol: str, method: str, *words: str) -> Server:
    """AJP has no Unix sockets."""
    return serve(method, f"protocol={protocol}", *words, kind="guarded", tcp=protocol == "ajp")


def family(server: Server) -> list[psutil.Process]:
    parent = psutil.Process(server.pid)
    return [parent, *parent.children(recursive=True)]


def connect(server: Server) -> socket.socket:
    client = socket.socket(socket.AF_INET if isinstance(server.address, tuple) else socket.AF_UNIX)
    client.settimeout(HANG)
    client.connect(server.address if isinstance(server.address, tuple) else str(server.address))
    return client


def well(server: Server, protocol: str) -> float:
    """Seconds until a good request, with a body, has its right answer."""
    watch = Stopwatch()
    with connect(server) as client:
        client.sendall(hostile_others.GOOD[protocol])
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert RIGHT in answer
    return watch.seconds


@pytest.mark.timeout(600)
@pytest.mark.parametrize("method", ["threaded", "prefork"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_hundreds_of_hostile_connections(serve: Serve, protocol: str, method: str) -> None:
    server = start(serve, protocol, method, *POOL, "head=0.5", "silence=1")
    well(server, protocol)
    assert wait_for(lambda: method == "threaded" or len(server.children()) == 4)
    pids = [process.pid for process in family(server)]
    sizes = []
    for name, attacks in hostile_others.BATCHES[protocol].items():
        _, held = hostile.attack_all(server.address, attacks())
        assert held == 0, name
        assert well(server, protocol) < IN_TIME, name
        assert [process.pid for process in family(server)] == pids, name
        sizes.append(sum(process.memory_info().rss for process in family(server)))
    assert sizes[-1] - sizes[0] < GROWTH * len(pids), sizes
    assert "Exception caught in Connection" not in server.errors()
    assert server.stop() < IN_TIME


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_flood_of_connections(serve: Serve, protocol: str) -> None:
    server = start(serve, protocol, "threaded", *POOL)
    for client in hostile.half_open(server.address, 300, b"1"):
        client.close()
    assert well(server, protocol) < IN_TIME


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_front_end_that_falls_silent_loses_its_worker(serve: Serve, protocol: str) -> None:
    server = start(serve, protocol, "threaded", *ONE, "head=0.3", "silence=0.3")
    for name, data in hostile_others.HALVES[protocol].items():
        with hostile.half_open(server.address, 1, data)[0]:
            assert well(server, protocol) < IN_TIME, name


@pytest.mark.parametrize("protocol", ["fcgi", *PROTOCOLS])
def test_a_head_byte_by_byte_has_one_deadline(serve: Serve, protocol: str) -> None:
    """Each wait is short; all of them together are too long."""
    server = start(serve, protocol, "threaded", *ONE, "head=0.4")
    # FastCGI: whole records, so that no single one is late
    begin = hostile.wire(hostile.conversation()[:1])
    pieces = [begin, *hostile.slow()] if protocol == "fcgi" else [bytes([b]) for b in hostile_others.GOOD[protocol]]
    with connect(server) as client:
        watch = Stopwatch()
        client.settimeout(0.1)
        for piece in pieces:
            try:
                client.sendall(piece)
                if not client.recv(1):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        wall, seconds = watch.wall, watch.seconds
    assert wall > 0.2
    assert seconds < 1.5
    assert wait_for(lambda: "ended early: TimeoutError" in server.errors())


def test_a_kept_ajp_connection_ends_with_the_server(serve: Serve) -> None:
    server = start(serve, "ajp", "threaded", *ONE)
    with connect(server) as client:
        client.sendall(hostile_others.GOOD["ajp"])
        answer = b""
        while not answer.endswith(b"AB\0\x02\x05\x01"):
            answer += client.recv(65536)
        assert server.stop() < IN_TIME


def test_plain_flup_waits_for_ever(serve: Serve) -> None:
    """The defect: half a head holds the only thread of an SCGI server until its sender leaves."""
    server = serve("threaded", "plain=true", *ONE, protocol="scgi", ready=False)
    assert wait_for(server.address.exists, 15)  # type: ignore[union-attr]  # a Unix socket's path
    with hostile.half_open(server.address, 1, b"12")[0] as client:
        client.settimeout(1)
        with pytest.raises(TimeoutError):
            client.recv(1)
