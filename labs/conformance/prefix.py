"""The site knows below which path it lives."""

from __future__ import annotations

import re
from urllib.parse import unquote

from labs.conformance.check import Seen, check
from labs.conformance.target import Target


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


# Ways to write an address, before and behind the path below which the site lies
FORMS = (
    "{0}//mirror/x",
    "{0}/mirror//x",
    "{0}/./mirror/x",
    "{0}/mirror/a/../x",
    "{0}/mirror/a/%2e%2e/x",
    "{0}/mirror/a/..%2fx",
    "{0}/mirror;a/x",
    "{0}/mirror/x%3f{0}/mirror/y",
    "{0}/mirror/%0a{0}/mirror/x",
    "{0}/%0a{0}/mirror/x",
    "{0}%2fmirror/x",
    "{0}/../mirror/x",
    "//{1}/mirror/x",
    "/.{0}/mirror/x",
    "/%2f{1}/mirror/x",
    "/y/..{0}/mirror/x",
    "/mirror{0}/mirror/x",
    "{0}x/mirror/x",
    "{0}%20/mirror/x",
    "{0}/mirror/x/%c3%a9%00",
)


def readings(sent: str) -> set[str]:
    """What an address may be taken for: decoded once; without its dots; with one slash for several."""
    plain = unquote(sent)
    dotless = _without_dots(plain)
    return {plain, dotless, re.sub("/+", "/", plain), re.sub("/+", "/", dotless)}


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    return "/" + "/".join([*kept, ""] if parts[-1] in (".", "..") else kept)


@check(
    "prefix-forms",
    "however an address is written, SCRIPT_NAME is the path that the site lies below, and PATH_INFO what comes after it",
    why="Else a visitor chooses what Django puts before every link, or passes a rule that forbids a page.",
)
def forms(target: Target) -> Seen:
    origin, wrong, answered = target.base.removesuffix(target.prefix), [], 0
    every = dict.fromkeys(form.format(target.prefix, target.prefix.lstrip("/")) for form in FORMS)
    asked = [sent for sent in every if sent.startswith("/")]  # at the root some are no addresses, and some are the same
    for sent in asked:
        answer = target.ask(origin + sent)
        if answer.status != 200:
            if answer.status >= 500:
                wrong.append(f"{sent}: status {answer.status}")
            continue
        answered += 1
        script, path = answer.json["script_name"], answer.json["path_info"]
        if script != target.prefix or script + path not in readings(sent):
            wrong.append(f"{sent}: SCRIPT_NAME {script or 'empty'}, PATH_INFO {path!r}")
    return Seen(not wrong, "; ".join(wrong) or f"{answered} of {len(asked)} forms are answered, each as it reads")
