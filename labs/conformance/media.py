"""Media files: pieces of them, and none twice."""

from __future__ import annotations

from urllib.parse import urlsplit

from labs.conformance.check import Seen, check
from labs.conformance.target import Target


@check("media-file", "a file arrives with its type and its length", why="Browsers decide by the type.", needs="media")
def whole(target: Target) -> Seen:
    answer = target.page(target.media)
    kind, length = answer.header("Content-Type"), answer.header("Content-Length")
    return Seen(
        answer.status == 200
        and length == str(len(answer.body))
        and kind.partition("/")[0] in ("image", "text", "application"),
        f"{answer.status}, {length or 'no length'} bytes of {kind or 'no type'}",
    )


@check("media-head", "HEAD of a file tells its length", why="Browsers and caches ask so.", needs="media")
def head(target: Target) -> Seen:
    answer = target.ask(target.media, "HEAD")
    return Seen(
        answer.status == 200 and answer.header("Content-Length").isdigit() and not answer.rest, str(answer.status)
    )


@check(
    "media-range",
    "the bytes 10 to 19 of a file are ten bytes",
    why="Films and broken downloads go on so.",
    needs="media",
)
def part(target: Target) -> Seen:
    wanted = target.page(target.media).body
    answer = target.ask(target.media, headers=[("Range", "bytes=10-19")])
    told = answer.header("Content-Range")
    return Seen(
        answer.status == 206 and answer.body == wanted[10:20] and told == f"bytes 10-19/{len(wanted)}",
        f"{answer.status}, {len(answer.body):,} bytes",
    )


@check(
    "media-range-end",
    "the last ten bytes of a file can be asked for",
    why="Readers of PDF and ZIP begin there.",
    needs="media",
)
def end(target: Target) -> Seen:
    wanted = target.page(target.media).body
    answer = target.ask(target.media, headers=[("Range", "bytes=-10")])
    return Seen(answer.status == 206 and answer.body == wanted[-10:], f"{answer.status}, {len(answer.body):,} bytes")


@check(
    "media-range-beyond",
    "a part beyond the end is refused with 416",
    why="Else a client takes it for the part.",
    needs="media",
)
def beyond(target: Target) -> Seen:
    status = target.ask(target.media, headers=[("Range", "bytes=99999999-")]).status
    return Seen(status == 416, str(status))


@check(
    "media-since",
    "a file that has not changed is not sent again",
    why="Each visit would cost the whole file.",
    needs="media",
)
def since(target: Target) -> Seen:
    changed = target.page(target.media).header("Last-Modified")
    answer = target.ask(target.media, headers=[("If-Modified-Since", changed)])
    return Seen(
        bool(changed) and answer.status == 304, f"{answer.status}, Last-Modified: {changed or 'none'}".split(",")[0]
    )


@check(
    "media-tag",
    "a file has an ETag, and is not sent again to whoever knows it",
    why="It tells changes within a second.",
    needs="media",
)
def tag(target: Target) -> Seen:
    known = target.page(target.media).header("ETag")
    status = target.ask(target.media, headers=[("If-None-Match", known or '"none"')]).status
    return Seen(bool(known) and status == 304, f"{status}, {'an' if known else 'no'} ETag")


@check("media-missing", "a file that is not there is 404", why="Caches keep what answers 200.", needs="media")
def missing(target: Target) -> Seen:
    status = target.ask(target.media + ".no").status
    return Seen(status == 404, str(status))


@check("media-folder", "a folder's content is not shown", why="Not every file is meant to be found.", needs="media")
def folder(target: Target) -> Seen:
    parent, _, name = target.media.partition("?")[0].rpartition("/")
    answer = target.ask(parent + "/")
    return Seen(answer.status in (301, 302, 403, 404) and name not in answer.text, str(answer.status))


@check(
    "media-escape",
    "no path leaves the folder of the files",
    why="The next folder may hold the settings.",
    needs="media",
)
def escape(target: Target) -> Seen:
    parts = urlsplit(target.media)
    depth = parts.path.count("/") + 12
    leaks = []
    for dots in ("../", "..%2f", "%2e%2e/", "..%5c", ".%00./"):
        folder = parts.path.rpartition("/")[0]
        answer = target.ask(f"{parts.scheme}://{parts.netloc}{folder}/{dots * depth}etc/passwd")
        if answer.status == 200 and b"root:" in answer.body:
            leaks.append(dots)
    return Seen(not leaks, f"by {', '.join(leaks)}" if leaks else "none of five ways leads out")
