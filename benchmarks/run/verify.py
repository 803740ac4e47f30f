"""Before the clock runs: is this the server, the page and the connection that the arm promises?

A load generator times errors just as gladly as pages, and a wrong status line, another server on the port, or a
keep-alive that is not what the configuration says would each turn a result around.
"""

from __future__ import annotations

import dataclasses
import http.client
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from labs.clients import reach
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.plan.workload import Expectation

TIMEOUT = 30.0
PATHS = 3  # of a workload with many pages, the first few are looked at
TRIES = 20  # where failures belong to the subject, so many pairs of requests for one without


class VerificationError(LabError):
    """An arm is not what it says; the message shows what was seen."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What must be true of an answer; None and empty are not judged.

    server     text in the Server header
    keepalive  whether a second request is answered on the same connection
    headers    name -> text that the header contains
    cached     whether the second answer comes from the per-site cache (X-Cache: hit)
    """

    server: str | None = None
    keepalive: bool | None = None
    headers: Mapping[str, str] | None = None
    cached: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One answer. kept_alive says whether the connection was still of use after it."""

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    kept_alive: bool

    def __str__(self) -> str:
        start = self.body[:200].decode("utf-8", "replace").strip()
        heads = "\n".join(f"    {name}: {value}" for name, value in self.headers.items())
        kept = "kept open" if self.kept_alive else "closed"
        return f"  {self.path} answered {self.status}, connection {kept}\n{heads}\n    {start!r}"


def verify(url: str, paths: tuple[str, ...], expectation: Expectation, promise: Promise) -> list[Seen]:
    """Ask for each path (the first three) twice; gives the second answers. Raises VerificationError."""
    answers = []
    for path in paths[:PATHS]:
        first, second = _settled(url, path, expectation)
        for seen in (first, second):
            if seen.status != expectation.status and not expectation.unexpected({f"status {seen.status}": 1}):
                continue  # it fails each time, and how often it fails is what the experiment counts
            if seen.status != expectation.status:
                raise _wrong(f"status {expectation.status}", f"status {seen.status}", seen)
            if expectation.marker and expectation.marker.encode() not in seen.body:
                raise _wrong(f"a body with {expectation.marker!r}", "a body without it", seen)
        seen = second
        if promise.server and promise.server.lower() not in seen.headers.get("server", "").lower():
            raise _wrong(f"{promise.server} to answer", f"Server: {seen.headers.get('server', 'not given')}", seen)
        for name, text in (promise.headers or {}).items():
            if text not in seen.headers.get(name.lower(), ""):
                raise _wrong(f"{name}: {text}", f"{name}: {seen.headers.get(name.lower(), 'not given')}", seen)
        if promise.keepalive is not None and promise.keepalive != first.kept_alive:
            words = {True: "a connection that stays open", False: "a connection that is closed"}
            raise _wrong(words[promise.keepalive], words[first.kept_alive], first)
        if promise.cached is not None and promise.cached != (seen.headers.get("x-cache") == "hit"):
            expected = "an answer from the cache" if promise.cached else "an answer from the view"
            raise _wrong(expected, f"X-Cache: {seen.headers.get('x-cache', 'not given')}", seen)
        answers.append(seen)
    return answers


def _settled(url: str, path: str, expectation: Expectation) -> tuple[Seen, Seen]:
    """Two answers. Where the experiment counts some failures, those without one, if there are any."""
    for _ in range(TRIES):
        pair = ask_twice(url, path)
        failed = {f"status {seen.status}": 1 for seen in pair if seen.status != expectation.status}
        if not failed or expectation.unexpected(failed):
            break
    return pair


def ask_twice(url: str, path: str) -> tuple[Seen, Seen]:
    """Two requests, the second on the first's connection where the server kept it. Both connections are closed after."""
    address = urlsplit(url)
    connection = reach.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    try:
        first = _ask(connection, path)
        kept = connection.sock is not None  # http.client drops it when the answer says close
        try:
            second = _ask(connection, path)
        except (http.client.RemoteDisconnected, ConnectionError):
            if not kept:
                raise
            kept = False  # the answer promised more than the server kept
            connection.close()
            second = _ask(connection, path)
        return dataclasses.replace(first, kept_alive=kept), second
    except (OSError, http.client.HTTPException) as error:
        raise VerificationError(f"{url}{path} did not answer: {type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _ask(connection: http.client.HTTPConnection, path: str) -> Seen:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Seen(path=path, status=answer.status, headers=headers, body=body, kept_alive=connection.sock is not None)


def _wrong(expected: str, seen: str, answer: Seen) -> VerificationError:
    return VerificationError(f"verification failed: expected {expected}, saw {seen}\n{answer}")
