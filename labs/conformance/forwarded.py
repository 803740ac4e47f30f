"""What Django is told of the visitor, and what a visitor can make it believe.

Settings may have Django believe X-Forwarded-Host and -Proto (USE_X_FORWARDED_HOST, SECURE_PROXY_SSL_HEADER). So every
front-end of the book drops a visitor's own, or writes its own over them; a proxy further out is believed where it is
named (tls_proxy).
"""

from __future__ import annotations

import re

from labs.conformance.check import Seen, check
from labs.conformance.target import Target


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
    "forward-told",
    "X-Forwarded-Host and -Proto of the visitor's own do not reach Django, however they are spelt",
    why="Settings that believe them, as most behind a proxy do, would believe the visitor.",
)
def delivered(target: Target) -> Seen:
    forged = {"Host": "evil.test", "Proto": "lantern"}
    spelt = [(f"X{a}Forwarded{b}{name}", value) for name, value in forged.items() for a in "-_" for b in "-_"]
    answer = target.ask("/mirror/", headers=spelt)
    if answer.status == 400:  # for an underscore
        answer = target.ask("/mirror/", headers=spelt[::4])
    seen = answer.json["headers"]
    told = [name for name, value in forged.items() if value in seen.get(f"X-Forwarded-{name}", "")]
    return Seen(not told, f"{' and '.join(told)} of the visitor's" if told else "neither, in four spellings")


@check(
    "forward-origin",
    "a form that was sent from the site's own page is taken, and one from elsewhere is not",
    why="Django holds Origin against the address by which it was asked, https included; else no login works.",
)
def origin(target: Target) -> Seen:
    page = target.ask("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    if token is None:
        return Seen(False, f"{page.status}, no form")
    kind, cookie = "application/x-www-form-urlencoded", page.header("Set-Cookie").partition(";")[0]
    seen = []
    for whence in (target.base.removesuffix(target.prefix), "https://evil.example.com"):
        fields = [("Content-Type", kind), ("Cookie", cookie), ("Origin", whence)]
        seen.append(target.ask("/accounts/login/", "POST", fields, f"csrfmiddlewaretoken={token[1]}".encode()).status)
    return Seen(seen == [200, 403], f"{seen[0]} from here, {seen[1]} from elsewhere")


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
