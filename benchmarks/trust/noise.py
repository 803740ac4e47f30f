"""A noisy neighbour: a stranger's process that burns one CPU half the time, in bursts of half a second to two seconds.

It is held to no CPU: the kernel puts it where it likes, beside the servers or beside the generator, as it would any other
program of the machine. It ends with its owner, and after `most` seconds in any case.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent.parent
BURSTS = (0.5, 2.0)  # seconds; pauses are as long on average


class Neighbour:
    """Use it as a context manager.

    most  seconds after which it ends by itself
    seed  of its bursts
    """

    def __init__(self, *, most: float = 3600.0, seed: int = 1) -> None:
        self.most, self.seed = most, seed
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; does nothing where it has begun."""
        if self.process is not None:
            return
        command = [sys.executable, "-m", "benchmarks.trust.noise", str(os.getpid()), str(self.most), str(self.seed)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)

    def stop(self) -> None:
        """End it; safe to call twice."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def disturb(owner: int, most: float, seed: int) -> None:
    """Burn and rest in turn, until `most` seconds are over or the owner is gone."""
    draw, end = random.Random(seed), time.monotonic() + most
    while time.monotonic() < end and os.getppid() == owner:
        burst = time.monotonic() + draw.uniform(*BURSTS)
        while time.monotonic() < burst:
            sum(range(2000))
        time.sleep(draw.uniform(*BURSTS))


def main() -> None:
    """`python -m benchmarks.trust.noise OWNER SECONDS SEED`."""
    from labs.supervisor.keeping.processes import PR_SET_PDEATHSIG, prctl

    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    disturb(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))


if __name__ == "__main__":
    main()
