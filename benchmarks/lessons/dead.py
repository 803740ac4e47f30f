"""The lovely median of a dead server: a connection that is refused is refused fast."""

from __future__ import annotations

from benchmarks.lessons.comparison import Comparison, Row, compared
from benchmarks.lessons.length import length
from benchmarks.lessons.turn import turn
from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed
from benchmarks.trust import plain
from labs import deploy

PAGE = "/articles/1/"
USERS = 4


def dead() -> Comparison:
    """The same load on nginx with flup behind it, then on nothing, since nginx has ended; the latter measured twice.

    Raises BusyError when another measurement does not end in time, Missing without nginx.
    """
    seconds = length().run
    with turn("the dead server"), deploy("fastcgi-nginx") as site, Generator() as generator:
        alive = plain.run(site.url, users=USERS, seconds=seconds, page=PAGE)
        site.stop_server("nginx")
        gone = plain.run(site.url, users=USERS, seconds=seconds, page=PAGE)
        ours = generator.trial(site.url, Closed(users=USERS, page=PAGE), warmup=0.1, window=min(2, seconds))
    reasons = " and ".join(ours.failures)
    return compared(
        [
            Row.by_locust("Locust, server alive", alive),
            Row.by_locust("Locust, server dead", gone),
            Row.by_us("this book, server dead", ours),
        ],
        note=f"What failed for this book: {reasons}. A record with such a trial says so, and its block does not count.",
    )
