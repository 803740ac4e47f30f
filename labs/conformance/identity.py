"""Which server answered."""

from __future__ import annotations

import re

from labs.conformance.check import Seen, check
from labs.conformance.target import MISSING, Target


@check(
    "server-name",
    "every page says the same server's name, without its version",
    why="A version tells an attacker which holes to try.",
    needs="any",
)
def name(target: Target) -> Seen:
    names = {target.page(path).header("Server") for path in (target.path, MISSING)}
    shown = " and ".join(sorted(names)) or "none"
    return Seen(len(names) == 1 and not re.search(r"\d", shown), shown or "none")


@check(
    "server-date",
    "every answer has one Date",
    why="Caches reckon an answer's age by it (RFC 9110, 6.6.1).",
    needs="any",
)
def date(target: Target) -> Seen:
    counts = [len(target.page(path).all("Date")) for path in (target.path, MISSING)]
    return Seen(counts == [1, 1], "one" if counts == [1, 1] else ", ".join(map(str, counts)))


@check(
    "server-own",
    "Django is told the server's name and port",
    why="WSGI demands both, and links are made of them where a visitor names no host.",
)
def own(target: Target) -> Seen:
    named, port = target.page("/mirror/").json["server"]
    fine = re.fullmatch(r"[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]", named) and re.fullmatch(r"[1-9]\d*", port)
    return Seen(bool(fine), f"{named or 'no name'}, port {port or 'none'}")


@check("server-way", "Django can be told the way by which the request came", why="A reader wants to know who answered.")
def way(target: Target) -> Seen:
    answer = target.page("/whoami/")
    seen = answer.json
    return Seen(bool(seen["interface"]), f"{answer.header('Server') or 'no name'}, then Django by {seen['interface']}")
