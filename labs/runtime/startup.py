"""How long a deployment takes to its first good answer, beside the same servers started by hand: what the labs add.

Both sides of a pair run the same commands, with the same configuration and environment. By hand each server is started
as soon as the one before it listens, and the page is asked for again and again; there is no keeper, no copy of the
database and nothing to look after. The two sides take turns, in alternating order.
"""

from __future__ import annotations

import http.client
import signal
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from labs.clients import probe
from labs.deployments.catalogue import names
from labs.errors import StartError
from labs.runtime.deploying import deploy
from labs.runtime.deployment import Deployment

PAUSE = 0.001  # seconds between two looks by hand
PATIENCE = 30.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One deployment: seconds of each turn to the first good answer, from `deploy()` on and by hand."""

    name: str
    labs: tuple[float, ...]
    by_hand: tuple[float, ...]

    @property
    def added(self) -> float:
        """Median of the differences within the turns, in seconds."""
        return statistics.median(ours - bare for ours, bare in zip(self.labs, self.by_hand, strict=True))

    @property
    def ratio(self) -> float:
        return statistics.median(ours / bare for ours, bare in zip(self.labs, self.by_hand, strict=True))


@dataclass(frozen=True)
class Comparison:
    """The rows, as a table."""

    entries: tuple[Row, ...]

    def rows(self) -> list[dict[str, object]]:
        """For programs: seconds, medians and every turn."""
        return [
            {
                "deployment": row.name,
                "labs": statistics.median(row.labs),
                "by_hand": statistics.median(row.by_hand),
                "added": row.added,
                "ratio": row.ratio,
                "turns": {"labs": list(row.labs), "by_hand": list(row.by_hand)},
            }
            for row in self.entries
        ]

    def __repr__(self) -> str:
        lines = [f"{'deployment':<18} {'labs':>8} {'by hand':>8} {'added':>8} {'ratio':>6}   medians of seconds"]
        for row in self.entries:
            ours, bare = statistics.median(row.labs), statistics.median(row.by_hand)
            lines.append(f"{row.name:<18} {ours:>6.3f} s {bare:>6.3f} s {row.added:>6.3f} s {row.ratio:>6.2f}")
        every = statistics.median(second for row in self.entries for second in row.labs)
        return "\n".join([*lines, f"{'all':<18} {every:>6.3f} s"])


def compare(chosen: Sequence[str] = (), *, times: int = 5) -> Comparison:
    """Start each deployment that many times both ways, after one turn that warms the caches of files.

    Raises StartError when a deployment does not come up.
    """
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in chosen or names()}
    for turn in range(times + 1):
        for name, (ours, bare) in taken.items():
            ways = [(ours, launched), (bare, by_hand)]
            for seconds, way in ways if turn % 2 else reversed(ways):
                took = way(name)
                if turn:
                    seconds.append(took)
    return Comparison(tuple(Row(name=n, labs=tuple(ours), by_hand=tuple(bare)) for n, (ours, bare) in taken.items()))


def launched(name: str) -> float:
    """Seconds from `deploy()` to the end of `start()`, which is the first good answer."""
    begun = time.perf_counter()
    with deploy(name):
        return time.perf_counter() - begun


def by_hand(name: str) -> float:
    """Seconds from the first command to the first good answer, when the same commands are run without the labs."""
    deployment = deploy(name)
    started: list[subprocess.Popen[bytes]] = []
    try:
        begun = time.perf_counter()
        for server in deployment.servers:
            environment = server.full_environment(deployment.folder)
            with server.logs(deployment.folder)[0].open("ab") as log:
                process = subprocess.Popen(
                    server.command(deployment.folder),
                    cwd=deployment.folder.path,
                    env={key: deployment.folder.resolve(value) for key, value in environment.items()},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            started.append(process)
            endpoint = deployment.folder.endpoint(server.listen)
            while not probe.takes_connections(endpoint):
                if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                    raise StartError(f"{name}, started by hand: {server.title} did not come up. {deployment.log()}")
                time.sleep(PAUSE)
        _first_answer(deployment, begun)
        return time.perf_counter() - begun
    finally:
        for process, server in reversed(list(zip(started, deployment.servers, strict=False))):
            _end(process, getattr(signal, server.signal))
        deployment.stop()


def _first_answer(deployment: Deployment, begun: float) -> None:
    while time.perf_counter() - begun < PATIENCE:
        try:
            if probe.get(deployment.url + deployment.site.ready).status < 400:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(PAUSE)
    raise StartError(f"{deployment.name}, started by hand, gave no good answer. {deployment.log()}")


def _end(process: subprocess.Popen[bytes], how: int) -> None:
    """End a server that has no keeper, and its children."""
    try:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        family = []
    process.send_signal(how)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for member in psutil.wait_procs(family, timeout=1)[1]:
        member.kill()
