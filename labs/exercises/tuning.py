"""Exercises of the tuning pages."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator

from labs import deploy
from labs.exercises.exercise import Step, exercise
from labs.runtime.deployment import Deployment

STYLE_SHEET_AFTER = 0.05  # seconds from the page to the request for its style sheet
NEXT_READER_WITHIN = 1.0  # seconds that another reader is ready to wait


@exercise("keep-alive", obeyed=False)
def keep_alive(keepalive: float) -> Iterator[Step]:
    """Find a timeout that lets a browser fetch a page and its style sheet on one connection, and frees the only worker
    for the next reader within a second."""
    with deploy("fastcgi-apache", mpm="prefork", connections=1, keepalive=keepalive) as site:
        connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=10)
        try:
            first = _again(connection, "/hello/")
            time.sleep(STYLE_SHEET_AFTER)
            yield Step(
                "the style sheet comes over the page's connection",
                first and _again(connection, "/hello/"),
                hint="With Keep-Alive off every file costs a connection; the timeout must outlast a browser's 50 ms.",
            )
            threading.Thread(target=_close_as_browsers_do, args=(connection,), daemon=True).start()
            waited = _next_reader(site)
            yield Step(
                f"the next reader is served within {NEXT_READER_WITHIN:g} s",
                waited < NEXT_READER_WITHIN,
                seen=f"{waited:.1f} s",
                hint="The worker waits on the silent connection for the whole timeout. It may be less than a second.",
            )
        finally:
            connection.close()


def _again(connection: http.client.HTTPConnection, path: str) -> bool:
    """Ask on this connection; whether it can be used once more."""
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200 and connection.sock is not None


def _close_as_browsers_do(connection: http.client.HTTPConnection) -> None:
    """Close when the server does. A client that ignores it holds an Apache worker for two seconds more, in what Apache
    calls a lingering close."""
    try:
        if connection.sock is not None and not connection.sock.recv(1):
            connection.close()
    except OSError:  # closed by the check itself, at its end
        return


def _next_reader(site: Deployment) -> float:
    begun = time.perf_counter()
    site.get("/hello/", timeout=30)
    return time.perf_counter() - begun


@exercise("fresh-enough", obeyed=False)
def fresh_enough(cache_pages: int) -> Iterator[Step]:
    """Cache whole pages, but show nobody a page that is older than two seconds."""
    with deploy("fastcgi-nginx", cache="memcached", cache_pages=cache_pages) as site:
        first, second = site.get("/articles/1/"), site.get("/articles/1/")
        yield Step(
            "the second reader gets the page from the cache",
            (first.header("X-Cache"), second.header("X-Cache")) == ("miss", "hit"),
            seen=f"X-Cache: {second.header('X-Cache')}",
            hint="cache_pages is a number of whole seconds; 0 caches nothing.",
        )
        time.sleep(2.1)
        third = site.get("/articles/1/")
        yield Step(
            "two seconds later it is made anew",
            third.header("X-Cache") == "miss",
            seen=f"X-Cache: {third.header('X-Cache')}",
            hint="Nothing in the cache may be older than two seconds.",
        )
