"""Visitors who send and fetch bodies of every size, and look at each byte that comes back; some of them leave early."""

from __future__ import annotations

import hashlib
import json
from itertools import count
from random import Random
from urllib.parse import urlsplit

from geventhttpclient.response import HTTPParseError
from locust import FastHttpUser, constant, task
from locust.contrib.fasthttp import ResponseContextManager

from labs.clients import reach

LARGEST = 5_000_000  # bytes
# Byte i of the newsroom's /download/ is i % 251: a block that is lost or swapped on the way shows.
DATA = bytes(range(251)) * (LARGEST // 251 + 1)
# Where buffers and records end: flup's records hold 8184 bytes, FastCGI's at most 65535, nginx's buffers 4096 and 8192.
EDGES = (0, 1, 4095, 4096, 8183, 8184, 8185, 16384, 65535, 65536, 1 << 20, LARGEST)
BOUNDARY = b"0123456789abcdef-exact"
GLANCE = 1000  # bytes that a visitor who leaves early has read by then


class BodyError(Exception):
    """An answer that is not what was asked for, though its status says so."""


def judge(answer: ResponseContextManager, wrong: str) -> None:
    """Count an answer as a failure where it was cut short, or is wrong; a timeout and the like Locust has counted."""
    broken = answer.request_meta["exception"]
    if answer.status_code != 200 or not (broken is None or isinstance(broken, HTTPParseError)):
        return
    fault = "cut short" if broken else wrong
    if fault:
        answer.failure(BodyError(fault))  # type: ignore[no-untyped-call]


class Exact(FastHttpUser):
    """Downloads and uploads in turn, from 0 bytes to 5 MB. `leaving` per cent of the visits are given up in the middle
    of a large page, and count neither as answered nor as failed; what becomes of the others is what is asked.

    Half of the sizes are drawn evenly on a logarithmic scale, half are those at which some buffer or record is full.
    """

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0
    leaving = 5  # per cent
    only = ""  # "download" or "upload"; both, where it is empty
    least = 0  # bytes
    seed = 1
    numbers = count()

    def on_start(self) -> None:
        """Give this user its own sequence."""
        self.random = Random(f"{self.seed}/{next(self.numbers)}")
        self.turn = self.random.randrange(2)

    @task
    def visit(self) -> None:
        """One body there or back."""
        if self.random.random() * 100 < self.leaving:
            self.leave()
            return
        self.turn += 1
        size = self.size()
        if self.only == "download" or (self.turn % 2 and not self.only):
            self.download(size)
        else:
            self.upload(size)

    def size(self) -> int:
        """The next size, in bytes."""
        if self.random.random() < 0.5:
            return max(self.random.choice(EDGES), self.least)
        return max(int((LARGEST + 1) ** self.random.random()) - 1, self.least)

    def download(self, size: int) -> None:
        """Fetch that many bytes, and compare all of them."""
        with self.client.get(f"/download/?bytes={size}", name="download", catch_response=True) as answer:
            judge(answer, "" if (answer.content or b"") == DATA[:size] else "other bytes")

    def upload(self, size: int) -> None:
        """Send that many bytes in a form, and compare the checksum that the site has made of them."""
        head = b'--%s\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' % BOUNDARY
        body = b"".join((head, DATA[:size], b"\r\n--%s--\r\n" % BOUNDARY))
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
        # Locust says str; its client takes bytes as they are.
        with self.client.post("/upload/", data=body, headers=headers, name="upload", catch_response=True) as answer:  # type: ignore[arg-type]
            right = self.received(answer.content or b"", size)
            judge(answer, "" if right else "the site received something else")

    def received(self, content: bytes, size: int) -> bool:
        """Whether the site says that it got what was sent."""
        try:
            answered = json.loads(content)["files"][0]
        except (ValueError, LookupError):
            return False
        return bool(answered["size"] == size and answered["sha256"] == hashlib.sha256(DATA[:size]).hexdigest())

    def leave(self) -> None:
        """Ask for a large page and be gone before it has come."""
        address = urlsplit(self.host or "")
        try:
            with reach.connect((address.hostname or "", address.port or 80), self.network_timeout) as connection:
                connection.sendall(
                    f"GET /download/?bytes={LARGEST} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode()
                )
                connection.recv(GLANCE)
        except OSError:
            return  # left a little earlier than meant
