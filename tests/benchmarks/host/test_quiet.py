"""Looking for a quiet processor, with a real process that keeps one busy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks.host import quiet
from benchmarks.host.quiet import Look

BURN = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nprint(flush=True)\nwhile True: pass"
CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@pytest.fixture
def burnt() -> Iterator[int]:
    """The number of a processor that somebody keeps busy, whatever else runs."""
    with subprocess.Popen([sys.executable, "-c", BURN, str(CPUS[-1])], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield CPUS[-1]
        finally:
            process.kill()


@pytest.mark.skipif(not CPUS, reason="this system does not hold a process to a processor")
def test_a_busy_processor_is_seen(burnt: int) -> None:
    seen = quiet.look(0.5)
    assert set(seen.busy) <= set(CPUS)
    assert seen.busy[burnt] > 0.9
    assert not seen.quiet([burnt])
    assert f"processor {burnt} is" in str(seen)


@pytest.mark.skipif(not CPUS, reason="this system does not hold a process to a processor")
def test_it_waits_no_longer_than_it_may_and_says_that_it_waits(burnt: int) -> None:
    said: list[str] = []
    seen = quiet.wait(2.0, said.append, servers=[burnt])
    assert not seen.quiet([burnt])
    assert len(said) == 1
    assert said[0].startswith("waits up to 2 s for a quiet moment: processor")
    assert quiet.wait(0.0, said.append, servers=[burnt]).busy, "without patience: one look"
    assert len(said) == 1


def test_the_quietest_comes_first_and_equals_keep_their_order() -> None:
    assert Look(busy={0: 0.9, 1: 0.02, 2: 0.0}).order() == [1, 2, 0]
    assert Look(busy={0: 0.01, 1: 0.0}).order() == [0, 1]


def test_what_is_quiet_enough() -> None:
    seen = Look(busy={0: 0.05, 1: 0.4, 2: 0.9})
    assert seen.quiet()
    assert seen.quiet(generator=True)
    assert not Look(busy={0: 0.0, 1: 0.9}).quiet(generator=True)
    assert seen.quiet([0], [1])
    assert not seen.quiet([1])
    assert not seen.quiet([0], [2]), "the generator would be late"
    assert Look(busy={}).quiet([0]), "where nobody counts, nobody waits"
