"""Users against workers: whoever holds a worker is served fast, and whoever holds none is in no statistic."""

from __future__ import annotations

from benchmarks.lessons.comparison import Comparison, Row, compared
from benchmarks.lessons.length import length
from benchmarks.lessons.turn import turn
from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed
from benchmarks.trust import plain
from labs import deploy

PAGE = "/hello/"
USERS, WORKERS = 40, 10
PAUSE = (0.3, 0.7)  # seconds; shorter than Apache keeps a silent connection, so that a worker is never given back
KEPT = 30  # seconds


def starved() -> Comparison:
    """40 readers before ten workers of Apache's prefork, with Keep-Alive on and off, told by Locust and by this book.

    Raises BusyError when another measurement does not end in time, Missing without Apache.
    """
    seconds = length().run
    rows = []
    with turn("users against workers"), Generator() as generator:
        for name, keepalive in (("on", KEPT), ("off", 0)):
            with deploy("fastcgi-apache", connections=WORKERS, workers=WORKERS, keepalive=keepalive) as site:
                theirs = plain.run(
                    site.url, users=USERS, seconds=seconds, warmup=1, page=PAGE, user="between", pause=PAUSE
                )
                ours = generator.trial(site.url, Closed(users=USERS, page=PAGE, pause=PAUSE), warmup=1, window=seconds)
            rows += [
                Row.by_locust(f"Locust, Keep-Alive {name}", theirs),
                Row.by_us(f"this book, Keep-Alive {name}", ours),
            ]
    return compared(rows)
