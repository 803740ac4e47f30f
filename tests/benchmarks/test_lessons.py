"""The lessons about measuring: each mistake is really made, and each shows itself; real servers, in the shortest form."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from patience import Stopwatch

from benchmarks import lessons
from benchmarks.host import lock
from benchmarks.judge import simulation
from benchmarks.lessons import length
from benchmarks.lessons.coverage import bootstrap
from benchmarks.lessons.drift import Series
from benchmarks.trust.ramp import Ramp
from labs.errors import LabError


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shortest lessons, which wait for no measurement of somebody else."""
    monkeypatch.setenv("BOOK_PROFILE", "smoke")
    monkeypatch.setattr(lock, "LOCK", tmp_path / "lock")


def test_lengths_follow_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert length.length() == length.LENGTHS["smoke"]
    monkeypatch.delenv("BOOK_PROFILE")
    assert length.length() == length.LENGTHS["lesson"]
    monkeypatch.setenv("BOOK_PROFILE", "long")
    with pytest.raises(LabError, match="long"):
        length.length()


@pytest.mark.servers
def test_a_dead_server_has_a_median_for_locust_and_none_here() -> None:
    seen = lessons.dead()
    dead = seen["Locust, server dead"]
    assert dead.answered == 0 < dead.failed
    assert dead.p50 is not None
    ours = seen["this book, server dead"]
    assert (ours.answered, ours.p50, ours.p95) == (0, None, None)
    assert "refused" in seen.note and "none" in repr(seen)


@pytest.mark.servers
def test_readers_who_are_never_served_are_counted_here() -> None:
    watch = Stopwatch()
    seen = lessons.starved()
    waiting = {way: int(seen[f"this book, Keep-Alive {way}"].waiting.partition(" ")[0]) for way in ("on", "off")}
    assert waiting["on"] >= 30
    assert seen["Locust, Keep-Alive on"].failed == 0
    if watch.pressed:  # those who have a worker wait for the processor, and all are slow
        assert waiting["off"] < waiting["on"]
        return
    assert waiting["on"] == 30
    assert seen["this book, Keep-Alive off"].rate > 2 * seen["this book, Keep-Alive on"].rate


@pytest.mark.servers
def test_a_freeze_shows_from_the_due_time() -> None:
    seen = lessons.frozen()
    for who in ("this book, users with turns", "this book, open"):
        assert (seen[who].p95 or 0) > 1000, repr(seen)
    locust = seen["Locust"]
    assert locust.failed == 0 and locust.answered < 500
    assert (locust.p95 or 0) < 1000, repr(seen)
    assert seen.figure().caption.startswith("Locust: p95")


def test_what_two_orders_find_of_a_falling_rate() -> None:
    falling = tuple(100.0 - 5 * n for n in range(8))
    after = Series(order="one after the other", names=tuple("AAAABBBB"), rates=falling)
    within = Series(order="interleaved", names=tuple("ABBAABBA"), rates=falling)
    assert after.finding.endswith("an effect of nothing")
    assert within.finding.endswith("no difference seen")


@pytest.mark.servers
def test_both_orders_have_the_same_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds in (0.3, 1.2, 4.8):
        windows = replace(length.LENGTHS["smoke"], window=seconds)
        monkeypatch.setitem(length.LENGTHS, "smoke", windows)
        seen = lessons.drift(seed=3)
        if min(seen.sequential.rates + seen.interleaved.rates) > 0:
            break  # a window in which nobody was answered has no rate to compare
    count = length.length().windows
    assert seen.sequential.names == tuple("A" * count + "B" * count)
    assert sorted(seen.interleaved.names) == sorted("AB" * count)
    assert min(seen.sequential.rates + seen.interleaved.rates) > 0
    picture = seen.figure()
    assert picture.caption in picture.alt and picture.svg.startswith("<svg")


def test_a_bootstrap_over_few_blocks_promises_too_much() -> None:
    seen = lessons.coverage()
    assert seen.bootstrap[3] < 0.85 < 0.93 < seen.student[3]
    assert seen.bootstrap[20] > 0.91
    assert "bootstrap" in repr(seen) and seen.figure().caption in seen.figure().alt
    logs = np.array([[0.1, 0.1, 0.1], [0.0, 0.1, 0.2]])
    low, high = bootstrap(logs)
    assert low[0] == pytest.approx(0.1) == high[0]
    assert simulation.student(logs)[0][1] < low[1] < 0.1 < high[1]


def test_an_interval_grows_from_a_record() -> None:
    assert lessons.growing("reference").caption.startswith("reference: after two blocks")
    with pytest.raises(LabError, match="no recorded ratio"):
        lessons.growing("fastcgi-apache")


def test_a_ramp_takes_more_and_more_and_goes() -> None:
    with Ramp(seconds=4, most=0.9) as ramp:
        assert ramp._process is not None
        process = psutil.Process(ramp._process.pid)
        first = sum(process.cpu_times()[:2])
        end = time.monotonic() + 20
        while sum(process.cpu_times()[:2]) < first + 0.3 and time.monotonic() < end and process.is_running():
            time.sleep(0.02)
        assert sum(process.cpu_times()[:2]) >= first + 0.3
    assert not process.is_running()
