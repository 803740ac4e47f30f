"""How large a head may be, in both directions, and what becomes of a body that ends before its end."""

from __future__ import annotations

import socket
import time

from labs.conformance.check import Seen, check
from labs.conformance.target import Target
from labs.conformance.wire import WireError

KILOBYTE = 1024
ADDRESS = 8000
COOKIES = 4  # of 4,000 bytes, about the largest that browsers keep (RFC 6265, 6.1)
LENGTH, SENT = 10_000, 1_000  # of a body that is cut off


def request(target: Target, kilobytes: int) -> Seen:
    """A request whose line and headers have so many bytes, most of them in one cookie. The newsroom says what arrived."""
    path = "/mirror/" if target.newsroom else target.path
    size = kilobytes * KILOBYTE - len(target.head(path, headers=[("Cookie", "long="), ("Connection", "close")]))
    answer = target.ask(path, headers=[("Cookie", f"long={'x' * size}")])
    if not target.newsroom:
        return Seen(answer.status == target.page(path).status, str(answer.status))
    arrived = len(answer.json["cookies"].get("long", "")) if answer.status == 200 else 0
    return Seen(arrived == size, f"{answer.status}, a cookie of {arrived:,} bytes")


def refused(target: Target, seen: Seen) -> Seen:
    """What was seen, where a word to the visitor that it is too much is right as well."""
    return Seen(
        seen.ok or (seen.text[:3] in ("400", "413", "431") and target.page(target.path).status < 400), seen.text
    )


@check("limit-request-4", "a request's head of 4 kB arrives", why="A signed session in a cookie needs it.", needs="any")
def request_4(target: Target) -> Seen:
    return request(target, 4)


@check("limit-request-8", "a request's head of 8 kB arrives", why="Two such cookies need it.", needs="any")
def request_8(target: Target) -> Seen:
    return request(target, 8)


@check(
    "limit-request-16",
    "a request's head of 16 kB arrives, or is refused with 400, 413 or 431",
    why="Tokens of a single sign-on grow so long; whoever has too many must be told.",
    needs="any",
)
def request_16(target: Target) -> Seen:
    return refused(target, request(target, 16))


@check(
    "limit-address",
    f"an address of {ADDRESS:,} bytes arrives",
    why="Filters, maps and redirects after a login need it.",
)
def address(target: Target) -> Seen:
    answer = target.ask("/mirror/?q=" + "x" * (ADDRESS - len("/mirror/?q=")))
    size = len("/mirror/?") + len(answer.json["query"]) if answer.status == 200 else 0
    return Seen(size == ADDRESS, f"{answer.status}, {size:,} bytes")


def answer_head(target: Target, kilobytes: int) -> Seen:
    """An answer with a header of that size."""
    answer = target.ask(f"/headers/?bytes={kilobytes * KILOBYTE}")
    size = len(answer.header("X-Lantern-Long"))
    return Seen(answer.status == 200 and size == kilobytes * KILOBYTE, f"{answer.status}, {size:,} bytes")


@check("limit-answer-4", "an answer's header of 4 kB arrives", why="A Content-Security-Policy grows so long.")
def answer_4(target: Target) -> Seen:
    return answer_head(target, 4)


@check("limit-answer-8", "an answer's header of 8 kB arrives", why="So does a list of links or of permissions.")
def answer_8(target: Target) -> Seen:
    return answer_head(target, 8)


@check("limit-answer-16", "an answer's header of 16 kB arrives", why="A front-end may put an error in its place.")
def answer_16(target: Target) -> Seen:
    return answer_head(target, 16)


@check(
    "limit-cookies",
    f"{COOKIES} cookies of 4,000 bytes arrive at the visitor",
    why="A login that sets them would end in an error of the front-end's.",
)
def cookies(target: Target) -> Seen:
    answer = target.ask(f"/headers/?cookies={COOKIES}")
    arrived = sum(line.startswith("long-") and len(line) > 4000 for line in answer.all("Set-Cookie"))
    return Seen(answer.status == 200 and arrived == COOKIES, f"{answer.status}, {arrived} of {COOKIES}")


@check(
    "limit-cut",
    "an upload that is cut off is not taken for a whole one",
    why="Half a photograph, or half an order, would be kept.",
)
def cut(target: Target) -> Seen:
    fields = [("Content-Type", "application/octet-stream"), ("Content-Length", str(LENGTH)), ("Connection", "close")]
    with target.connect() as wire:
        wire.send(target.head("/mirror/", "POST", fields) + b"x" * SENT)
        time.sleep(0.1)  # so that it is handed on before the end
        wire.socket.shutdown(socket.SHUT_WR)
        try:
            answer = wire.answer("POST")
        except TimeoutError:
            raise
        except (OSError, WireError):
            return Seen(True, "closed without an answer")
    told = f", the site read {answer.json['body']['size']:,} of {LENGTH:,} bytes" if answer.status == 200 else ""
    return Seen(answer.status >= 400, f"{answer.status}{told}")
