"""Connections: kept, closed, slow, broken off. One visitor's must not be another's trouble."""

from __future__ import annotations

import contextlib
import time

from labs.conformance.check import Seen, check
from labs.conformance.target import Target
from labs.conformance.wire import Wire, WireError

IDLE = 12  # visitors who begin a request and say no more: above the workers of most deployments here
LEAVERS = 4
SOON = 4.0  # seconds within which somebody else must have an answer: CGI on a busy machine takes one or two


def others_are_served(target: Target) -> Seen:
    """Another visitor asks and gets the first page soon."""
    begun = time.monotonic()
    try:
        with target.connect(timeout=SOON) as wire:
            wire.send(target.head("/hello/" if target.newsroom else target.path, headers=[("Connection", "close")]))
            status = wire.answer().status
    except TimeoutError:
        return Seen(False, f"another visitor waits for more than {SOON:g} s")
    took = time.monotonic() - begun
    return Seen(status < 400, "another visitor is served at once" if took < SOON / 2 else "another visitor is served")


@check(
    "conn-promise",
    "a connection is kept if that is promised, and closed if that is",
    why="A client that is told the wrong thing sends its request into a closed door.",
    needs="any",
)
def promise(target: Target) -> Seen:
    with target.connect() as wire:
        wire.send(target.head(target.path))
        first = wire.answer()
        kept = "close" not in first.header("Connection").lower() and first.framing != "close"
        if not kept:
            rest = wire.to_the_end() if not wire.ended else b""
            return Seen(not rest, "closed, as it said")
        wire.send(target.head(target.path))
        second = wire.answer()
    return Seen(second.status == first.status, "kept, and used twice")


@check("conn-close", "Connection: close closes it", why="Else both ends wait for the other.", needs="any")
def close(target: Target) -> Seen:
    with target.connect(timeout=3) as wire:
        wire.send(target.head(target.path, headers=[("Connection", "close")]))
        wire.answer()
        wire.to_the_end()
    return Seen(True, "closed")


@check("conn-old", "HTTP/1.0 is answered and closed", why="Monitors and old proxies speak it.", needs="any")
def old(target: Target) -> Seen:
    with target.connect(timeout=3) as wire:
        wire.send(target.head(target.path, version="HTTP/1.0"))
        answer = wire.answer()
        wire.to_the_end()
    return Seen(answer.status < 400 and answer.framing != "chunked", f"{answer.status}, closed")


@check(
    "conn-old-bare",
    "HTTP/1.0 without a Host is answered",
    why="Monitors, load balancers and old scripts ask so, and would take the site for dead.",
)
def bare(target: Target) -> Seen:
    with target.connect() as wire:
        wire.send(f"GET {target.prefix}/hello/ HTTP/1.0\r\n\r\n".encode())
        status = wire.answer().status
    return Seen(status == 200, str(status))


@check(
    "conn-pipeline",
    "two requests in one packet get two answers in order, or the first and a close",
    why="Some clients send so.",
)
def pipeline(target: Target) -> Seen:
    with target.connect() as wire:
        wire.send(target.head("/mirror/1") + target.head("/mirror/2", headers=[("Connection", "close")]))
        first = wire.answer()
        try:
            second = wire.answer().json["path_info"]
        except (OSError, WireError):
            second = ""
    order = first.json["path_info"].endswith("/1") and second[-2:] in ("", "/2")
    return Seen(order, "two answers" if second else "one answer, then closed")


@check(
    "conn-no-host",
    "HTTP/1.1 without a Host is refused",
    why="No site can be told from it (RFC 9112, 3.2).",
    needs="any",
)
def no_host(target: Target) -> Seen:
    with target.connect() as wire:
        wire.send(f"GET {target.prefix}{target.path} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        status = wire.answer().status
    return Seen(status == 400, str(status))


@check(
    "conn-garbage",
    "what is not HTTP is refused, and others are served",
    why="Every public port gets some, every hour.",
    needs="any",
)
def garbage(target: Target) -> Seen:
    with contextlib.suppress(OSError, WireError), target.connect(timeout=3) as wire:
        wire.send(b"\x16\x03\x01\x02\x00\x01\x00 not HTTP\r\n\r\n")
        status = wire.answer().status
        if status < 400:
            return Seen(False, f"answered with {status}")
    return others_are_served(target)


@check(
    "conn-leaves", "a visitor who leaves in the middle of a download harms nobody", why="Every phone in a tunnel does."
)
def leaves(target: Target) -> Seen:
    for _ in range(LEAVERS):
        with target.connect(receive=4096) as wire:
            wire.send(target.head("/download/?bytes=5000000"))
            wire.more()
    return others_are_served(target)


@check(
    "conn-leaves-upload",
    "a visitor who leaves in the middle of an upload harms nobody",
    why="Every phone in a tunnel does.",
)
def leaves_upload(target: Target) -> Seen:
    for _ in range(LEAVERS):
        with target.connect() as wire:
            wire.send(target.head("/mirror/", "POST", [("Content-Length", "100000")]) + b"x" * 1000)
    return others_are_served(target)


@check(
    "conn-slow-header",
    "a request that arrives byte by byte is answered",
    why="Slow lines deliver in small pieces.",
    needs="any",
)
def slow_header(target: Target) -> Seen:
    with target.connect() as wire:
        for byte in target.head(target.path, headers=[("Connection", "close")]):
            wire.send(bytes([byte]))
            time.sleep(0.002)
        status = wire.answer().status
    return Seen(status < 400, str(status))


@check("conn-slow-reader", "a visitor who reads slowly gets all of it", why="The site is faster than any line.")
def slow_reader(target: Target) -> Seen:
    with target.connect(receive=4096, timeout=20) as wire:
        wire.send(target.head("/download/?bytes=2000000", headers=[("Connection", "close")]))
        for _ in range(5):
            wire.more()
            time.sleep(0.1)
        answer = wire.answer()
    return Seen(len(answer.body) == 2_000_000, f"{len(answer.body):,} bytes")


@check(
    "conn-idle",
    f"{IDLE} visitors who begin a request and say no more keep nobody else waiting",
    why="One laptop could close the site (known as Slowloris).",
    needs="any",
)
def idle(target: Target) -> Seen:
    with contextlib.ExitStack() as stack:
        for _ in range(IDLE):
            wire: Wire = stack.enter_context(target.connect())
            wire.send(target.head(target.path)[:-2])
        time.sleep(0.2)
        return others_are_served(target)
