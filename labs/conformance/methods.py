"""Methods that are seldom used, and a GET with a body."""

from __future__ import annotations

from labs.conformance.check import Seen, check
from labs.conformance.target import Target
from labs.conformance.wire import WireError

COOKIE = "lantern-7f3a"
BODY = b"wheat"


@check("method-options", "OPTIONS arrives at the site", why="A browser asks so before a script may call another site.")
def options(target: Target) -> Seen:
    answer = target.ask("/mirror/", "OPTIONS")
    seen = answer.json["method"] if answer.status == 200 and answer.body else "nothing"
    return Seen(seen == "OPTIONS", f"{answer.status}, Django sees {seen}")


@check(
    "method-odd",
    "a method that few know arrives as it is, or is refused with 4xx or 501",
    why="Taken for a GET, it would slip past a rule for that method.",
)
def odd(target: Target) -> Seen:
    words, right = [], True
    for method in ("PROPFIND", "LANTERN"):
        answer = target.ask("/mirror/", method)
        seen = answer.json["method"] if answer.status == 200 else str(answer.status)
        right &= seen == method or 400 <= answer.status < 500 or answer.status == 501
        words.append(seen)
    return Seen(right, ", ".join(words))


@check(
    "method-trace",
    "TRACE sends no cookie back",
    why="A script in a browser could read by it what is hidden from scripts.",
    needs="any",
)
def trace(target: Target) -> Seen:
    try:
        answer = target.ask("/hello/" if target.newsroom else target.path, "TRACE", [("Cookie", f"secret={COOKIE}")])
    except (OSError, WireError):
        return Seen(True, "closed without an answer")
    echoed = COOKIE.encode() in answer.body
    return Seen(not echoed, f"{answer.status}, {'the cookie comes back' if echoed else 'no cookie'}")


@check(
    "method-get-body",
    "the body of a GET arrives, or is refused, and is not taken for the next request",
    why="Clients of search engines send such; read as a request, it is one that nobody made.",
    needs="any",
)
def get_body(target: Target) -> Seen:
    path = "/mirror/" if target.newsroom else target.path
    fields = [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(BODY)))]
    with target.connect() as wire:
        wire.send(target.head(path, "GET", fields) + BODY)
        first = wire.answer()
        if 400 <= first.status < 500 and target.page(path).status < 400:
            return Seen(True, f"refused, {first.status}")
        size = first.json["body"]["size"] if target.newsroom and first.status == 200 else None
        told = str(first.status) if size is None else f"{first.status}, {size} of {len(BODY)} bytes"
        whole = size in (None, len(BODY))  # another site than the newsroom does not say
        if "close" in first.header("Connection").lower() or first.framing == "close":
            return Seen(whole, f"{told}, then closed")
        wire.send(target.head(path, headers=[("Connection", "close")]))
        second = wire.answer()
    same = first.status == second.status == target.page(path).status
    return Seen(whole and same, f"{told}; the next gets {second.status}")
