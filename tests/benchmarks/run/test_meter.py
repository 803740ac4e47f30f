"""What is read of the servers' processor beside the servers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from benchmarks.host.machine import siblings
from benchmarks.run.meter import Meter
from benchmarks.run.trial import Placement, usable_cpus

CPU = usable_cpus()[0]
BURN = f"import os\nos.sched_setaffinity(0, {{{CPU}}})\nprint(flush=True)\nwhile True:\n    pass\n"


@pytest.fixture
def burner() -> Iterator[psutil.Process]:
    """A process that uses one CPU, of which other tests may use some too."""
    with subprocess.Popen([sys.executable, "-c", BURN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield psutil.Process(process.pid)
        process.kill()


def window(meter: Meter) -> Meter:
    meter.begin()
    time.sleep(0.6)
    meter.end()
    return meter


@pytest.mark.skipif(not hasattr(psutil.Process, "cpu_affinity"), reason="this system holds no process to a CPU")
def test_a_stranger_is_seen_and_the_servers_are_none(burner: psutil.Process) -> None:
    stranger = window(Meter(lambda: 0.0, lambda: 0, {CPU}))
    assert stranger.strangers is not None
    assert stranger.strangers > 0.2  # it has half of the CPU where a test beside it has the other
    own = window(Meter(lambda: sum(burner.cpu_times()[:2]), lambda: 0, {CPU}))
    assert own.strangers is not None
    assert own.strangers + own.cpu_seconds < 0.8, "what the servers use is not counted twice"
    assert own.cpu_seconds > 0.2


def test_without_processors_of_their_own_nobody_is_a_stranger() -> None:
    assert window(Meter(lambda: 0.0, lambda: 0)).strangers is None
    assert window(Meter(lambda: 0.0, lambda: 0, {10**6})).strangers is None


def test_two_threads_of_one_core_are_not_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 in siblings(0)
    monkeypatch.setattr("benchmarks.run.trial.siblings", lambda cpu: {0, 1} if cpu < 2 else {2, 3})
    assert not Placement(servers={0}, generator={1}).apart
    assert Placement(servers={0}, generator={2}).apart
    monkeypatch.setattr("benchmarks.run.trial.usable_cpus", lambda: [0, 1, 2, 3])
    from benchmarks.run.trial import place

    assert place(True) == Placement(servers={0}, generator={2})
    monkeypatch.setattr("benchmarks.run.trial.usable_cpus", lambda: [0, 1])
    assert place(True) == Placement(servers={0}, generator={1})
