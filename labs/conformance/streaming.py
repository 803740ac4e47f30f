"""What the site sends bit by bit arrives bit by bit."""

from __future__ import annotations

import time

from labs.conformance.check import Seen, check
from labs.conformance.target import Target
from labs.conformance.wire import WireError

PAUSE = 0.4
STREAM = f"/stream/?chunks=2&seconds={PAUSE}"
WHOLE = b"chunk 1 of 2\nchunk 2 of 2\n"


def spread(target: Target, path: str) -> Seen:
    """Seconds between the first line and the end of a stream of two lines."""
    with target.connect() as wire:
        wire.send(target.head(path, headers=[("Connection", "close")]))
        while b"chunk 1" not in wire.held and wire.more():
            continue
        first = time.monotonic()
        wire.answer()
        took = time.monotonic() - first
    return Seen(
        took > PAUSE / 2,
        "the first line came before the second was made" if took > PAUSE / 2 else "all came at the end",
    )


@check(
    "stream-arrives",
    "the first line of a stream arrives before the last is made",
    why="Progress, chat and long exports need it.",
)
def arrives(target: Target) -> Seen:
    return spread(target, STREAM)


@check(
    "stream-asked",
    "a stream arrives bit by bit when the page asks for it with X-Accel-Buffering: no",
    why="The header is nginx's, and the way to except one page from buffering.",
)
def asked(target: Target) -> Seen:
    return spread(target, f"{STREAM}&unbuffered=1")


@check("stream-whole", "a stream arrives whole, its end told", why="An export that is cut off must be noticed.")
def whole(target: Target) -> Seen:
    answer = target.ask("/stream/?chunks=3&seconds=0.01")
    wanted = b"chunk 1 of 3\nchunk 2 of 3\nchunk 3 of 3\n"
    return Seen(answer.body == wanted and not answer.rest, f"{len(answer.body)} bytes, end told by {answer.framing}")


@check(
    "stream-old", "a client of HTTP/1.0 gets a stream without chunks", why="It would take the chunks' lengths for text."
)
def old(target: Target) -> Seen:
    answer = target.ask("/stream/?chunks=2&seconds=0.01", version="HTTP/1.0")
    return Seen(
        answer.body == WHOLE and answer.framing != "chunked", f"{len(answer.body)} bytes, end told by {answer.framing}"
    )


@check(
    "stream-broken",
    "an answer that the site breaks off does not look whole",
    why="A list of orders that lacks its second half would be taken for all of them.",
)
def broken(target: Target) -> Seen:
    try:
        answer = target.ask("/stream/?chunks=3&seconds=0.01&broken=1")
    except (OSError, WireError) as error:
        return Seen(not isinstance(error, TimeoutError), f"no end: {error}")
    if answer.status >= 500:
        return Seen(True, f"{answer.status} in its place")
    return Seen(False, f"{answer.status}, {len(answer.body)} bytes, end told by {answer.framing}")
