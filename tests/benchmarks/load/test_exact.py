"""The instrument of fastcgi-stall: pages that stall, are cut short or hold other bytes are seen, and told apart."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from benchmarks.experiments import fastcgi_stall
from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed

pytestmark = pytest.mark.servers
SIZE = 50_000


class Faulty(socketserver.StreamRequestHandler):
    """Answers each download with SIZE bytes, whatever was asked for, and spoils it as its server says."""

    server: Any

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        asked = int(re.search(rb"bytes=(\d+)", head)[1]) if b"bytes=" in head else 0
        body = (bytes(range(251)) * (asked // 251 + 1))[:asked]
        match self.server.fault:
            case "other":
                body = body[:-1] + b"\xff"
            case "short":
                self.answer(asked, body[: asked // 2])
                return
            case "stall":
                self.answer(asked, body[: asked // 2])
                time.sleep(1.5)
                return
        self.answer(asked, body)

    def answer(self, length: int, body: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % length + body)


@contextmanager
def serving(fault: str) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Faulty) as server:
        server.daemon_threads = True
        server.fault = fault  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def generator() -> Iterator[Generator]:
    with Generator() as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "told"),
    [("none", ""), ("other", "BodyError: other bytes"), ("short", "BodyError: cut short"), ("stall", "timeout")],
)
def test_each_fault_is_told_by_its_name(generator: Generator, fault: str, told: str) -> None:
    workload = Closed(
        users=2,
        page="/",
        user="benchmarks.users.exact:Exact",
        timeout=0.4,
        settings={"leaving": 0, "least": 1, "only": "download"},
    )
    with serving(fault) as url:
        load = generator.trial(url, workload, warmup=0.2, window=1.2)
    assert bool(load.requests) == (fault == "none")
    assert all(reason.startswith(told) for reason in load.failures)
    assert bool(load.failures) == (fault != "none")
    # Each of them belongs to what the experiment asks.
    assert fastcgi_stall.experiment.expectation.unexpected(load.failures) == {}
