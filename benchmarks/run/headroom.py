"""How far the generator itself is from being the limit: what it reaches at a server that does nothing.

Measured once a run, while nothing else is: the generator on its CPU, the null server on that of the servers.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.plan.workload import Closed, Open
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.load.outcome import TrialLoad
    from benchmarks.load.process import Generator
    from benchmarks.plan.workload import Workload

KEPT, CLOSED = "/", "/closing/"  # pages of the null server: it keeps the connection, or ends it
CROWD = 8  # users without pauses: enough to keep the generator busy
WARMUP = 0.05  # seconds
LONGEST = 0.3  # seconds of each window
WINDOWS = 3  # of each kind, whose median counts: a single one may meet a neighbour


@dataclass(frozen=True, kw_only=True)
class Headroom:
    """What the generator does at a server that does nothing.

    null_rate           requests a second, with users who never pause, on connections as the workload has them
    kept_rate           the same where connections are kept
    closed_rate         the same where each request has a connection of its own, as where the server closes it
    null_p50, null_p99  its own part of a latency, in ms: one user alone
    lateness_p99        seconds that it was late while it was busiest
    kept                whether connections were kept, as in the workload that is to be run
    """

    null_rate: float
    kept_rate: float
    closed_rate: float
    null_p50: float
    null_p99: float
    lateness_p99: float
    kept: bool

    def rate(self, kept: bool | None) -> float:
        """For an arm, by whether its server was seen to keep a connection; as the workload has them where nobody looked."""
        if not self.kept or kept is None:
            return self.null_rate
        return self.kept_rate if kept else self.closed_rate

    def to_json(self) -> dict[str, float | bool]:
        """As the record's fingerprint keeps it."""
        return asdict(self)


def gauge(
    generator: Generator,
    workload: Workload,
    *,
    servers: Iterable[int] | None = None,
    own: Iterable[int] | None = None,
    seconds: float = LONGEST,
    body: int = 0,
) -> Headroom:
    """Measure it.

    servers, own  CPUs of the null server and of the generator; None leaves them to the kernel
    seconds       length of each window, at most 0.3
    body          bytes of the null server's answers, where those of the workload are known; 0: the few that it has by itself

    Raises LabError when the null server does not start, GeneratorError when the generator fails.
    """
    kept, window = keeps(workload), min(seconds, LONGEST)
    with null_server(servers, body) as url:

        def middle(page: str, users: int) -> TrialLoad:
            loads = [
                generator.trial(url, Closed(users=users, page=page), warmup=WARMUP, window=window, cpus=own)
                for _ in range(WINDOWS)
            ]
            answered = [load for load in loads if load.requests]  # on a busy machine a short window may see nothing
            if not answered:
                raise LabError(
                    f"the generator got no answer from a server that does nothing: {dict(loads[-1].failures)}"
                )
            return sorted(answered, key=lambda load: load.requests / load.seconds)[len(answered) // 2]

        busy = {True: middle(KEPT, CROWD), False: middle(CLOSED, CROWD)}
        alone = middle(KEPT if kept else CLOSED, 1)
    rates = {kind: load.requests / load.seconds for kind, load in busy.items()}
    seen = alone.latency.decoded
    return Headroom(
        null_rate=rates[kept],
        kept_rate=rates[True],
        closed_rate=rates[False],
        null_p50=seen.get_value_at_percentile(50) / 1000,
        null_p99=seen.get_value_at_percentile(99) / 1000,
        lateness_p99=busy[kept].lateness.p99,
        kept=kept,
    )


def keeps(workload: Workload) -> bool:
    """Whether its users keep a connection where the server does."""
    return not (isinstance(workload, Open) and not workload.keep)


@contextmanager
def null_server(cpus: Iterable[int] | None = None, body: int = 0) -> Iterator[str]:
    """Its address; it is gone when the block leaves, or this process ends. `body` bytes are its answer, where it is not 0."""
    # As a file: it needs nothing of this project, and starts in a quarter of the time.
    command = [
        sys.executable,
        "-IS",
        str(Path(__file__).with_name("null.py")),
        str(body),
        *map(str, sorted(cpus or ())),
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise LabError(f"the null server did not start: {process.stderr.read().strip() or 'it said nothing'}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()
            process.kill()
