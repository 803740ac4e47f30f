"""Status codes arrive as the site gave them."""

from __future__ import annotations

from labs.conformance.check import Seen, check
from labs.conformance.target import MISSING, Target


@check("status-page", "the first page is answered", why="Nothing else matters before it.", needs="any")
def page(target: Target) -> Seen:
    answer = target.page(target.path)
    return Seen(answer.status < 400 and not answer.rest, str(answer.status))


@check("status-missing", "an address that is none gets 404", why="Search engines keep what answers 200.", needs="any")
def missing(target: Target) -> Seen:
    status = target.page(MISSING).status
    return Seen(status in target.absent, str(status))


def redirect(target: Target, code: int) -> Seen:
    answer = target.ask(f"/status/?code={code}")
    where = answer.header("Location").removeprefix(target.base).removeprefix(target.prefix)
    return Seen(answer.status == code and where == "/hello/", f"{answer.status} to {where or 'nowhere'}")


@check("status-301", "301 and its Location arrive", why="Browsers remember a 301, and only a 301.")
def moved(target: Target) -> Seen:
    return redirect(target, 301)


@check("status-302", "302 and its Location arrive", why="Each login ends in one.")
def found(target: Target) -> Seen:
    return redirect(target, 302)


@check("status-307", "307 and its Location arrive", why="A browser repeats a POST after a 307, not after a 302.")
def repeat(target: Target) -> Seen:
    return redirect(target, 307)


@check("status-304", "304 arrives with its ETag and no body", why="A body after a 304 is taken for the next answer.")
def unchanged(target: Target) -> Seen:
    answer = target.ask("/status/?code=304")
    tag = answer.header("ETag").removeprefix("W/")
    return Seen(
        answer.status == 304 and tag == '"lantern"' and not answer.rest,
        f"{answer.status}, ETag {tag or 'none'}, {len(answer.rest)} bytes of body",
    )


def own_text(target: Target, code: int) -> Seen:
    answer = target.ask(f"/status/?code={code}")
    ours = answer.body == b"status %d\n" % code
    return Seen(answer.status == code and ours, f"{answer.status}, {'the site’s own' if ours else 'another'} text")


@check("status-404", "404 arrives with the site's own page", why="A front-end may put its own page there.")
def not_found(target: Target) -> Seen:
    return own_text(target, 404)


@check("status-413", "413 arrives with the site's own page", why="It tells the visitor what was too large.")
def too_large(target: Target) -> Seen:
    return own_text(target, 413)


@check("status-500", "500 arrives with the site's own page", why="A front-end may put its own page there.")
def failed(target: Target) -> Seen:
    return own_text(target, 500)


@check("status-405", "405 arrives, and says what is allowed", why="A client that reads Allow knows what to do.")
def not_allowed(target: Target) -> Seen:
    answer = target.ask("/upload/", "PUT", body=b"")
    allow = sorted(answer.header("Allow").replace(" ", "").split(","))
    return Seen(
        answer.status == 405 and allow == ["GET", "HEAD", "POST"], f"{answer.status}, Allow: {', '.join(allow)}"
    )


@check("status-503", "503 arrives with its Retry-After", why="Robots come back then, and not before.")
def unavailable(target: Target) -> Seen:
    answer = target.ask("/status/?code=503")
    retry = answer.header("Retry-After")
    return Seen(answer.status == 503 and retry == "7", f"{answer.status}, Retry-After: {retry or 'none'}")


@check("status-odd", "a status that is seldom seen arrives", why="Front-ends may know only some of them.")
def seldom(target: Target) -> Seen:
    return own_text(target, 418)
