"""flup as it is, or guarded, around a WSGI application that needs no Django: what the tests of the guard compare.

Usage: runner.py plain|guarded METHOD ADDRESS NAME=NUMBER...   with ADDRESS a path or host:port

head=SECONDS and silence=SECONDS shorten the guard's own limits, so that a test need not wait for them.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django_runfcgi import listener
from django_runfcgi.guard import build, records
from django_runfcgi.options import parse

MODULES = {"prefork": "flup.server.fcgi_fork", "threaded": "flup.server.fcgi"}
# flup's own names for the sizes of its pools.
NAMES = {"minspare": "minSpare", "maxspare": "maxSpare", "maxrequests": "maxRequests"}
CALLS = [0]
MOST = {"prefork": "maxChildren", "threaded": "maxThreads"}


LIMITS = ("head=", "silence=")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """/hello/, /wait/?seconds=0.1 (answers with the process), /hold/?in=FOLDER (as that, once FOLDER/go is there), /download/?bytes=5000000, /body/ (its length and kind), /half/
    (fails after a part of its answer), ?path (PATH_INFO as the application sees it).

    The rest answers with how often the application was called in this process.
    """
    CALLS[0] += 1
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    time.sleep(float(asked.get("seconds", ["0"])[0]))
    if "in" in asked:
        hold(Path(asked["in"][0]))
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ.get("QUERY_STRING") == "path":
        return [environ["PATH_INFO"].encode("latin-1")]
    if "bytes" in asked:
        return (b"x" * 50_000 for _ in range(int(asked["bytes"][0]) // 50_000))
    if environ.get("PATH_INFO") == "/body/":
        length = environ.get("CONTENT_LENGTH", "")
        body = environ["wsgi.input"].read(int(length) if length.isascii() and length.isdigit() else 0)
        return [f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode()]
    if environ.get("PATH_INFO") == "/half/":
        return half()
    if environ.get("PATH_INFO") == "/cookie/":
        return [str(len(environ.get("HTTP_COOKIE", ""))).encode()]
    return [str(CALLS[0] if environ.get("PATH_INFO") == "/calls/" else os.getpid()).encode()]


def hold(folder: Path) -> None:
    """Say that a request has begun, and wait, for a minute at most, until it is let go."""
    (folder / f"begun-{uuid.uuid4().hex}").touch()
    end = time.monotonic() + 60
    while not (folder / "go").exists() and time.monotonic() < end:
        time.sleep(0.01)


def half() -> Iterator[bytes]:
    yield b"a part"
    raise RuntimeError("in the middle of an answer")


def main(kind: str, method: str, place: str, *sizes: str) -> None:
    host, colon, port = place.partition(":")
    if kind == "plain":
        names = {**NAMES, "maxchildren": MOST[method]}
        numbers = {names[name]: int(value) for name, _, value in (word.partition("=") for word in sizes)}
        address = (host, int(port)) if colon else place
        import_module(MODULES[method]).WSGIServer(application, bindAddress=address, **numbers).run()
        return
    where = [f"host={host}", f"port={port}"] if colon else [f"socket={place}"]
    limits = {word.partition("=")[0]: float(word.partition("=")[2]) for word in sizes if word.startswith(LIMITS)}
    records.HEAD_SECONDS = limits.get("head", records.HEAD_SECONDS)
    records.SILENCE_SECONDS = limits.get("silence", records.SILENCE_SECONDS)
    options = parse([f"method={method}", *where, *(word for word in sizes if not word.startswith(LIMITS))])
    opened = listener.bind(options)
    opened.listen()
    build(application, options, opened.socket, opened.socket.getsockname()).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
