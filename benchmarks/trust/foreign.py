"""Load generators that are not Locust, to check results with: wrk and ab, from the distribution's packages.

Neither shares code with the other, or with ours. Both keep a fixed number of connections busy, as our closed workload
without pauses does. h2load is no third: it asks no more once a server has closed its connection.

    wrk  HTTP/1.1, keeps a connection as long as the server does
    ab   HTTP/1.0 with "Connection: Keep-Alive": a connection stays open where the server agrees to it by name
"""

from __future__ import annotations

import math
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.errors import LabError, Missing
from labs.servers.program import Program

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 15.0  # seconds that a generator may take beyond what it was asked for
MOST = 1_000_000  # requests; ab wants to know a number beforehand, and reserves memory for it
BRINGS = "python3 -m labs.provision.servers wrk ab (unpacks them into the checkout)"


class ForeignError(LabError):
    """A generator ended badly, or said what cannot be read; the message holds its last words."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a generator says of one run.

    requests  answered with a status of 200 to 299 (wrk: to 399)
    failures  all others, and connections that broke
    seconds   as it measured them
    """

    requests: int
    failures: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """A generator: its program, how it is called, and how what it prints is read."""

    program: Program
    command: Callable[[str, int, float], Sequence[str]]
    read: Callable[[str], Load]

    @property
    def name(self) -> str:
        """As people call it."""
        return self.program.name

    def find(self) -> Path:
        """Its program. Raises Missing, with what would bring it."""
        found = self.program.look()
        if found is None:
            raise Missing(self.name, BRINGS)
        return found.path

    @property
    def version(self) -> str:
        """As it says itself; raises Missing."""
        self.find()
        found = self.program.look()
        return found.version if found else ""

    def load(self, url: str, *, users: int, seconds: float, cpus: Iterable[int] | None = None) -> Load:
        """Keep `users` connections busy with `url` for so long, on these CPUs. Raises ForeignError, Missing."""
        command = [str(self.find()), *self.command(url, users, seconds), url]
        with _held(cpus):
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + PATIENCE, check=False)
            except subprocess.TimeoutExpired:
                raise ForeignError(f"{self.name} did not end within {seconds + PATIENCE:.0f} s") from None
        try:
            return self.read(done.stdout)
        except (AttributeError, TypeError, ValueError):  # a pattern that was not found
            said = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
            raise ForeignError(f"{self.name} ended with status {done.returncode}. Its last words:\n{said}") from None


def _wrk(text: str) -> Load:
    ended, seconds, unit = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    bad = int(refused[1]) if refused else 0
    factor = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}[unit]
    broken = sum(map(int, errors.groups())) if errors else 0
    return Load(requests=int(ended) - bad, failures=bad + broken, seconds=float(seconds) * factor)


def _ab(text: str) -> Load:
    ended = int(re.search(r"Complete requests:\s+(\d+)", text)[1])  # type: ignore[index]
    failed = int(re.search(r"Failed requests:\s+(\d+)", text)[1])  # type: ignore[index]
    refused = re.search(r"Non-2xx responses:\s+(\d+)", text)
    seconds = float(re.search(r"Time taken for tests:\s+([\d.]+)", text)[1])  # type: ignore[index]
    bad = failed + (int(refused[1]) if refused else 0)
    return Load(requests=ended - bad, failures=bad, seconds=seconds)


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds))  # neither knows parts of a second


GENERATORS = {
    each.name: each
    for each in (
        Foreign(
            program=Program(name="wrk", apt="wrk", brew="wrk"),
            command=lambda _url, users, seconds: ["-t1", f"-c{users}", f"-d{_whole(seconds)}s", "--timeout", "30s"],
            read=_wrk,
        ),
        Foreign(
            program=Program(name="ab", apt="apache2-utils", brew="httpd", version=("-V",)),
            # -l: pages may differ in length; -k: ask to keep the connection; -n after -t, which sets it too
            command=lambda _url, users, seconds: [
                *"-q -l -k -s 30".split(),
                f"-t{_whole(seconds)}",
                f"-n{MOST}",
                f"-c{users}",
            ],
            read=_ab,
        ),
    )
}


@contextmanager
def _held(cpus: Iterable[int] | None) -> Iterator[None]:
    """Processes that this thread starts in between are held to these CPUs, as it is itself."""
    if cpus is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(cpus))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
