"""The site knows below which path it lives."""

from __future__ import annotations

from labs.checks.behaviour.check import Seen, check
from labs.checks.behaviour.target import Target


@check(
    "prefix-name",
    "SCRIPT_NAME is the path that the site lives below, PATH_INFO the rest",
    why="Every link of the site is made of both.",
)
def name(target: Target) -> Seen:
    seen = target.ask("/mirror/x/").json
    return Seen(
        (seen["script_name"], seen["path_info"]) == (target.prefix, "/mirror/x/"),
        f"SCRIPT_NAME {seen['script_name'] or 'empty'}, PATH_INFO {seen['path_info']}",
    )


@check(
    "prefix-url",
    "the address that Django makes of a request is the one that was asked for",
    why="It goes into mails and feeds.",
)
def url(target: Target) -> Seen:
    seen = target.ask("/mirror/x/?a=1").json["url"]
    return Seen(seen == f"{target.base}/mirror/x/?a=1", seen)


@check("prefix-redirect", "a redirect stays below that path", why="Else a login leads out of the site.")
def redirect(target: Target) -> Seen:
    where = target.ask("/hello").header("Location").removeprefix(target.base.removesuffix(target.prefix))
    return Seen(where == f"{target.prefix}/hello/", where or "no redirect")
