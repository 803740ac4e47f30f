"""The freeze self-test: a server that stands still for two seconds must show in the 95th percentile."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.judge import starved
from benchmarks.lessons.frozen import FREEZE, freeze
from benchmarks.load.outcome import TrialLoad
from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed, Open, Workload
from benchmarks.trust import plain
from labs import deploy

pytestmark = pytest.mark.servers

WINDOW = 6  # seconds; a third of what is due in it is due in the freeze
USERS, EACH = 5, 6  # users, and requests a second of each: few, so that a busy machine has time for all that are due
SHOWS = 1000 * FREEZE / 2  # ms: a 95th percentile that tells of the freeze is at least half as long


def p95(seen: TrialLoad) -> float:
    return (starved.percentile(seen, 95) or 0) / 1000


def test_the_same_freeze_shows_in_both_workloads_and_not_in_plain_locust():
    """All three ask one server at the same time, so they meet the same freeze."""
    with deploy("fastcgi-nginx") as site, Generator() as one, Generator() as other, ThreadPoolExecutor(3) as threads:
        due: list[tuple[Generator, Workload]] = [
            (one, Closed(users=USERS, page="/hello/", pace=1 / EACH)),
            (other, Open(rate=USERS * EACH, page="/hello/")),
        ]

        def begin() -> None:
            """Locust's users are there: now ours come, and then the server stops."""
            ours.extend(
                threads.submit(generator.trial, site.url, workload, warmup=0.3, window=WINDOW - 1)
                for generator, workload in due
            )
            threads.submit(lambda: (time.sleep(WINDOW / 4), freeze(site)))

        ours = []
        theirs = plain.run(
            site.url,
            users=USERS,
            seconds=WINDOW,
            page="/hello/",
            user="constant_throughput",
            rate_each=EACH,
            on_begin=begin,
        )
        paced, opened = (each.result() for each in ours)
    assert paced.requests == paced.due == opened.requests == opened.due == USERS * EACH * (WINDOW - 1)
    assert p95(paced) > SHOWS
    assert p95(opened) > SHOWS
    assert theirs.p95 is not None
    assert theirs.p95 < SHOWS, "five long answers among hundreds: each user lost two seconds, and its turns in them"
    assert theirs.requests < USERS * EACH * WINDOW * 0.9, "what it should have asked in the freeze it never asked"
