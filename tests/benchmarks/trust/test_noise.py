from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from benchmarks.trust.noise import BURSTS, ROOT, Neighbour

LONG = 15.0


def wait(condition, what: str) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def test_it_burns_and_it_rests_and_it_ends_with_the_block() -> None:
    with Neighbour(seed=2) as neighbour:
        assert neighbour.process is not None
        process = psutil.Process(neighbour.process.pid)
        wait(lambda: used(process) > BURSTS[0], "it does not burn")
        rested = [False]

        def rests() -> bool:
            before = used(process)
            time.sleep(0.2)
            rested[0] = used(process) == before
            return rested[0]

        wait(rests, "it does not rest")
    assert not process.is_running()


def test_it_ends_by_itself() -> None:
    with Neighbour(most=0.1) as neighbour:
        process = neighbour.process
        assert process is not None
        assert process.wait(LONG) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="a death signal is Linux's")
def test_it_ends_with_an_owner_that_is_killed() -> None:
    code = "import time; from benchmarks.trust.noise import Neighbour\nwith Neighbour() as n: print(n.process.pid, flush=True); time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        stranger = psutil.Process(pid)
        wait(lambda: used(stranger) > 0.2, "it does not burn")  # until then it may not have asked for the signal
        owner.kill()
        wait(lambda: not psutil.pid_exists(pid) or stranger.status() == psutil.STATUS_ZOMBIE, "it lives on")
