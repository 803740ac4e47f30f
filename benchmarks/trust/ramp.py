"""A neighbour who takes more and more of a processor, as drift does: `python -m benchmarks.trust.ramp OWNER SECONDS MOST CPU`.

It ends with its owner, and after its time in any case.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from labs.supervisor.keeping.processes import PR_SET_PDEATHSIG, prctl

ROOT = Path(__file__).resolve().parent.parent.parent
PERIOD = 0.02  # seconds: short beside a window, long beside a time slice


class Ramp:
    """Burns a share of one processor that rises evenly from nothing to `most` over `seconds`, and stays there.

    cpu  the processor; None leaves it to the kernel
    """

    def __init__(self, *, seconds: float, most: float, cpu: int | None = None) -> None:
        self.arguments = [str(os.getpid()), str(seconds), str(most), "" if cpu is None else str(cpu)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.trust.ramp", *self.arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it has begun
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def burn(seconds: float, most: float) -> None:
    """Take more and more of the processor."""
    begun = time.monotonic()
    print("begun", flush=True)
    while (passed := time.monotonic() - begun) < 2 * seconds:
        share = most * min(1.0, passed / seconds)
        busy = time.monotonic() + share * PERIOD
        while time.monotonic() < busy:
            pass
        time.sleep((1 - share) * PERIOD)


def main() -> None:
    """Be the neighbour."""
    owner, seconds, most, cpu = sys.argv[1:]
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(owner):
        return
    if cpu and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(cpu)})
    burn(float(seconds), float(most))


if __name__ == "__main__":
    main()
