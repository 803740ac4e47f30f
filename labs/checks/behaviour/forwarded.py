"""What Django is told of the visitor, and what a visitor can make it believe.

Belief is asked for, not delivery. X-Forwarded-Host and -Proto of a visitor's own do reach Django through every front-end
of the book but for those that nginx sets before a server of HTTP; they must, or no further proxy could stand in front.
Django believes them only where its settings say so (USE_X_FORWARDED_HOST, SECURE_PROXY_SSL_HEADER), and whoever says so
must have the outermost proxy set or remove them.
"""

from __future__ import annotations

from labs.checks.behaviour.check import Seen, check
from labs.checks.behaviour.target import Target


@check("forward-client", "Django can tell the visitor's address", why="Limits and logs go by it.")
def client(target: Target) -> Seen:
    seen = target.page("/mirror/").json
    listed = seen["headers"].get("X-Forwarded-For", "").rpartition(",")[2].strip()
    loopback = ("127.0.0.1", "::1")
    if seen["client"] in loopback:
        return Seen(True, "in REMOTE_ADDR")
    if listed:
        return Seen(True, "in X-Forwarded-For, which the site must read itself")
    return Seen(bool(seen["client"]), f"REMOTE_ADDR is {seen['client'] or 'empty'}")


@check(
    "forward-for",
    "an X-Forwarded-For of the visitor's own does not become the address of the visitor",
    why="A visitor could take any address, and slip through a limit.",
)
def forged(target: Target) -> Seen:
    seen = target.ask("/mirror/", headers=[("X-Forwarded-For", "203.0.113.9")]).json
    last = seen["headers"].get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if seen["client"]:
        return Seen(seen["client"] != "203.0.113.9", f"REMOTE_ADDR stays {seen['client']}")
    return Seen(bool(last) and last != "203.0.113.9", f"the last entry is {last or 'missing'}")


@check(
    "forward-host",
    "an X-Forwarded-Host of the visitor's own changes no link",
    why="A password mail would lead to the visitor's site.",
)
def host(target: Target) -> Seen:
    seen = target.ask("/mirror/", headers=[("X-Forwarded-Host", "evil.test")]).json["host"]
    return Seen(seen == target.netloc, seen)


@check(
    "forward-proto",
    "an X-Forwarded-Proto of the visitor's own does not make a request secure",
    why="Django would send cookies that belong to HTTPS.",
)
def proto(target: Target) -> Seen:
    secure = target.ask("/mirror/", headers=[("X-Forwarded-Proto", "https")]).json["secure"]
    told = target.base.startswith("https://")
    return Seen(secure == told, f"Django takes it for {'secure' if secure else 'plain'}")


@check(
    "forward-script",
    "a SCRIPT_NAME or Script-Name header of the visitor's own moves nothing",
    why="Every link would lead elsewhere.",
)
def script(target: Target) -> Seen:
    seen = []
    for name in ("SCRIPT_NAME", "Script-Name"):
        answer = target.ask("/mirror/", headers=[(name, "/evil")])
        seen.append("refused" if answer.status == 400 else answer.json["script_name"] or "empty")
    return Seen("/evil" not in seen, ", ".join(seen))
