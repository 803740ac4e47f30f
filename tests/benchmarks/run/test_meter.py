"""What is read of the servers' processor beside the servers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from patience import HANG, wait_for

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


def burnt(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


def window(meter: Meter, burner: psutil.Process | None = None) -> Meter:
    """Half a second; with a burner, until it has had so much of the processor, which others may want too."""
    meter.begin()
    if burner:
        before = burnt(burner)
        assert wait_for(lambda: burnt(burner) >= before + 0.5, HANG)
    else:
        time.sleep(0.5)
    meter.end()
    return meter


@pytest.mark.skipif(not hasattr(psutil.Process, "cpu_affinity"), reason="this system holds no process to a CPU")
def test_a_stranger_is_seen_and_the_servers_are_none(burner: psutil.Process) -> None:
    stranger = window(Meter(lambda: 0.0, lambda: 0, {CPU}), burner)
    assert stranger.strangers is not None
    assert stranger.strangers > 0.4
    own = window(Meter(lambda: burnt(burner), lambda: 0, {CPU}), burner)
    assert own.strangers is not None
    assert own.strangers + own.cpu_seconds < own.seconds + 0.2, "what the servers use is not counted twice"
    assert own.cpu_seconds > 0.4


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
