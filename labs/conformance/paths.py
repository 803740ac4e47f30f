"""Paths and queries reach the site as the visitor wrote them."""

from __future__ import annotations

from urllib.parse import unquote

from labs.conformance.check import Seen, check
from labs.conformance.target import Target


def path_of(target: Target, sent: str) -> str:
    """What Django makes of the path /mirror/<sent>, or the status that it never saw."""
    answer = target.ask("/mirror/" + sent)
    if answer.status != 200:
        return f"status {answer.status}"
    return str(answer.json["path_info"]).removeprefix("/mirror/")


def becomes(target: Target, sent: str, wanted: str) -> Seen:
    seen = path_of(target, sent)
    return Seen(seen == wanted, f"{sent} became {seen}")


@check("path-utf8", "a path in UTF-8 arrives", why="Addresses in most of the world's languages have such letters.")
def utf8(target: Target) -> Seen:
    return becomes(target, "caf%C3%A9/%E6%96%B0%E8%81%9E", "café/新聞")


@check("path-slash", "%2F in a path arrives as a slash", why="Names of files and keys with a slash are written so.")
def slash(target: Target) -> Seen:
    return becomes(target, "a%2Fb", "a/b")


@check("path-bytes", "%FF, which is not UTF-8, arrives and breaks nothing", why="Old links and robots send such bytes.")
def odd_bytes(target: Target) -> Seen:
    return becomes(target, "%FF", "%FF")


@check("path-percent", "%25 is decoded once", why="Decoded twice, a path says something that nobody checked.")
def percent(target: Target) -> Seen:
    return becomes(target, "a%252Fb", "a%2Fb")


@check("path-space", "%20 and + in a path arrive as a space and a plus", why="A plus is a space in queries only.")
def space(target: Target) -> Seen:
    return becomes(target, "a%20b+c", "a b+c")


@check(
    "path-marks",
    "%3F, %23, ; and : in a path stay in the path",
    why="A question mark in a title must not begin a query.",
)
def marks(target: Target) -> Seen:
    return becomes(target, "a%3Fb%23c;d:e", "a?b#c;d:e")


CONTROLS = ("a%0D%0Ab", "a%00b", "a%7Fb", "%0A/mirror/b")


@check(
    "path-control",
    "line feeds and other control characters in a path arrive in it, or are refused",
    why="A rule that ends at one lets a visitor choose the rest: which page it is, and below which path the site lies.",
)
def control(target: Target) -> Seen:
    refused = ("status 400", "status 403", "status 404")
    seen = {sent: path_of(target, sent) for sent in CONTROLS}
    wrong = {sent: found for sent, found in seen.items() if found != unquote(sent) and found not in refused}
    if wrong:
        return Seen(False, ", ".join(f"{sent} became {found!r}" for sent, found in wrong.items()))
    arrived = sum(found not in refused for found in seen.values())
    return Seen(True, f"{arrived} of {len(seen)} arrive, {len(seen) - arrived} are refused")


@check(
    "path-escape",
    "an ordinary letter that is written as an escape is that letter, the site's own path included",
    why="Both are the same address (RFC 3986, 6.2.2.2), and robots write either.",
)
def escape(target: Target) -> Seen:
    sent = "".join(f"%{ord(letter):02X}" if letter.isalpha() else letter for letter in f"{target.prefix}/mirror/a")
    answer = target.ask(target.base.removesuffix(target.prefix) + sent)
    if answer.status != 200:
        return Seen(False, f"status {answer.status}")
    seen = (answer.json["script_name"], answer.json["path_info"])
    return Seen(seen == (target.prefix, "/mirror/a"), f"SCRIPT_NAME {seen[0] or 'empty'}, PATH_INFO {seen[1]}")


@check("path-double", "two slashes in a row stay two", why="An address in a path, such as /save/http://…, has them.")
def double(target: Target) -> Seen:
    return becomes(target, "http://x", "http://x")


@check(
    "path-dots",
    "a path with .. never leaves the site",
    why="Behind some front-ends it names another file or another site.",
)
def dots(target: Target) -> Seen:
    answer = target.ask("/mirror/../hello/")
    inside = answer.status in (301, 302, 400, 403, 404) or answer.body == b"Hello from the Lantern\n"
    inside = inside or (answer.status == 200 and answer.json["path_info"].startswith("/"))
    return Seen(inside, str(answer.status))


@check(
    "path-redirect",
    "a redirect keeps the query and the letters of an address",
    why="Django adds a slash that is missing.",
)
def redirect(target: Target) -> Seen:
    answer = target.ask("/articles/1?name=caf%C3%A9&a=%2F")
    where = answer.header("Location").removeprefix(target.base).removeprefix(target.prefix)
    return Seen(
        answer.status == 301 and where == "/articles/1/?name=caf%C3%A9&a=%2F",
        f"{answer.status} to {where or 'nowhere'}",
    )


@check("query-raw", "a query arrives byte by byte", why="Signatures of webhooks are made over it.")
def raw(target: Target) -> Seen:
    sent = "a=1&a=2&b=%2F%2f&c=x+y%20z&d&=e&f=%C3%A9%FF;g='(*)'"
    seen = target.ask(f"/mirror/?{sent}").json["query"]
    return Seen(seen == sent, "as it was sent" if seen == sent else seen)


@check("query-utf8", "letters in a query arrive, once and several times", why="Searches are made of them.")
def query(target: Target) -> Seen:
    seen = target.ask("/mirror/?q=%E6%96%B0+%C3%A9&q=b").json["arguments"]
    return Seen(seen == {"q": ["新 é", "b"]}, str(seen))


@check("query-long", "a query of 4,000 bytes arrives", why="Filters of an admin page and searches grow so long.")
def long(target: Target) -> Seen:
    answer = target.ask("/mirror/?q=" + "x" * 3998)
    size = len(answer.json["query"]) if answer.status == 200 else 0
    return Seen(size == 4000, f"{answer.status}, {size:,} bytes")
