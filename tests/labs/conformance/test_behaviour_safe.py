"""A site of the reader's is asked nothing that could change what it keeps."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from labs.conformance import run

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}  # RFC 9110, 9.2.1


class Site(socketserver.ThreadingTCPServer):
    """Answers every request with a page, and keeps the first word of each."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.methods: set[str] = set()


class Answer(socketserver.StreamRequestHandler):
    server: Site
    timeout = 5

    def handle(self) -> None:
        line = self.rfile.readline(70_000)
        while line not in (b"\r\n", b"\n", b""):
            word = line.split(b" ")[0].decode("latin-1")
            if line.rstrip().endswith((b"HTTP/1.0", b"HTTP/1.1")):
                self.server.methods.add(word)
            line = self.rfile.readline(70_000)
        page = b"<title>theirs</title>"
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_site_of_the_readers_is_asked_by_safe_methods_alone(site: Site) -> None:
    report = run(f"http://127.0.0.1:{site.server_address[1]}", timeout=2)
    assert {"GET", "HEAD"} <= site.methods
    assert site.methods <= SAFE, site.methods - SAFE
    assert sum(each.state != "skipped" for each in report.results) > 15
