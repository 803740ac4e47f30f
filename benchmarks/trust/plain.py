"""Locust as people use it: its own command, headless, and what its own statistics say.

It is what this book compares its measurements with, and nothing here makes it better: latencies count from the moment a
request was sent, failures are timed like answers, a user without an answer is in no number. The locustfile and the
command are kept in the result, so that a reader can repeat both without this book.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from labs.errors import LabError
from labs.supervisor.keeping.processes import PR_SET_PDEATHSIG, prctl
from labs.supervisor.temporary import vanishing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30.0  # seconds beyond its own length that a run may take: Locust needs one or two to start
SPAWNED = "All users spawned"  # the line of its log with which the load begins
LOG_LINES = 15
AGGREGATED = re.compile(r"^ *Aggregated +\d+ +\d+\([\d.]+%\) \|[^|]+\| +([\d.]+) ", re.MULTILINE)  # requests a second

User = Literal["no pause", "constant_throughput", "between"]

LOCUSTFILE = """\
from locust import FastHttpUser, {wait_name}, task


class Visitor(FastHttpUser):
    wait_time = {wait}

    @task
    def visit(self):
        self.client.get({page!r})
"""
WARM_UP = """

import gevent
from locust import events


@events.test_start.add_listener
def warm_up(environment, **_):
    gevent.spawn_later({warmup}, environment.stats.reset_all)
"""


class PlainError(LabError):
    """Locust did not start, or ended without statistics; the message holds the end of its log."""


@dataclass(frozen=True, kw_only=True)
class PlainResult:
    """What Locust reported, as it did: its statistics at the end of the run.

    requests                 those that ended, failures among them
    failures                 those that it counted as failed
    rps                      requests that ended, a second
    p50, p95, p99, average   milliseconds, of answers and failures alike; None where nothing ended
    seconds                  length from when all users were there, without the warm-up
    locustfile, command      what was run
    """

    requests: int
    failures: int
    rps: float
    p50: float | None
    p95: float | None
    p99: float | None
    average: float | None
    seconds: int
    locustfile: str = field(repr=False)
    command: str = field(repr=False)


def run(
    host: str,
    *,
    users: int,
    seconds: int,
    page: str = "/",
    user: User = "no pause",
    rate_each: float | None = None,
    pause: tuple[float, float] | None = None,
    warmup: int = 0,
    on_begin: Callable[[], object] | None = None,
) -> PlainResult:
    """Let users ask a server of this machine for so many seconds, and give Locust's own numbers.

    host       such as http://127.0.0.1:40817
    user       "no pause" asks again at once; "constant_throughput" aims at `rate_each` requests a second for each user;
               "between" pauses for a time drawn from `pause`, in seconds
    warmup     seconds at the beginning that are taken out of the statistics again
    on_begin   called once when all users are there, a second or two after the call

    Raises ValueError for numbers that make no run or a host elsewhere, PlainError when Locust does not do its part.
    """
    from benchmarks.load.client import is_loopback  # imported here: it brings gevent along, which only a run needs

    if not is_loopback(host):
        raise ValueError(f"{host} is not a loopback address; load is sent to this machine only")
    if users < 1 or seconds < 1 or warmup < 0 or int(seconds) != seconds or int(warmup) != warmup:
        raise ValueError(f"users={users}, seconds={seconds}, warmup={warmup}: Locust takes whole numbers, from 1 on")
    text = locustfile(page=page, user=user, rate_each=rate_each, pause=pause, warmup=warmup)
    with vanishing("plain-") as folder:
        (folder / "locustfile.py").write_text(text, "utf-8")
        arguments = ["-f", "locustfile.py", "--headless", "--host", host, "--users", str(users)]
        arguments += ["--spawn-rate", str(users), "--json", "--only-summary"]
        seen = _statistics(folder, _locust(folder, arguments, warmup + seconds, on_begin))
    ended = seen.requests
    return PlainResult(
        requests=ended,
        failures=seen.failures,
        rps=seen.rate,
        p50=seen.percentile(0.50),
        p95=seen.percentile(0.95),
        p99=seen.percentile(0.99),
        average=seen.total / ended if ended else None,
        seconds=seconds,
        locustfile=text,
        command=shlex.join(["locust", *arguments]),
    )


def locustfile(
    *,
    page: str = "/",
    user: User = "no pause",
    rate_each: float | None = None,
    pause: tuple[float, float] | None = None,
    warmup: int = 0,
) -> str:
    """The file that is run; see `run`. Raises ValueError where `user` lacks its number, or has another's."""
    match user:
        case "no pause" if rate_each is None and pause is None:
            wait = "constant(0)"
        case "constant_throughput" if rate_each is not None and rate_each > 0 and pause is None:
            wait = f"constant_throughput({rate_each!r})"
        case "between" if pause is not None and 0 <= pause[0] <= pause[1] and rate_each is None:
            wait = f"between({pause[0]!r}, {pause[1]!r})"
        case _:
            raise ValueError(
                f"user={user!r}, rate_each={rate_each}, pause={pause}: no pause has neither, "
                "constant_throughput a rate_each above 0, between a pause"
            )
    text = LOCUSTFILE.format(wait_name=wait.partition("(")[0], wait=wait, page=page)
    return text + (WARM_UP.format(warmup=warmup) if warmup else "")


def _locust(folder: Path, arguments: list[str], seconds: int, on_begin: Callable[[], object] | None) -> str:
    """Run the command in `folder` for so many seconds from when all users are there; what it printed."""
    # Settings of the reader's own would change what is compared
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    printed, log = folder / "locust.out", folder / "locust.log"
    command = [sys.executable, "-m", "benchmarks.trust.plain", str(os.getpid()), *arguments]
    with (
        printed.open("wb") as output,
        log.open("wb") as errors,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait(process, PATIENCE, lambda: SPAWNED in log.read_text("utf-8", "replace"))
            if on_begin and process.poll() is None:
                on_begin()
            _wait(process, seconds, lambda: False)
            # As Ctrl+C does. Its own --run-time begins before its start is over: two seconds of six were seen to be lost
            process.terminate()
            _wait(process, PATIENCE, lambda: False)
        finally:
            process.kill()
    # 1 is its way to say that some requests failed
    if process.returncode not in (0, 1):
        raise PlainError(f"Locust ended with exit status {process.returncode}.{_tail(log)}")
    return printed.read_text("utf-8", "replace")


def _wait(process: subprocess.Popen[bytes], seconds: float, enough: Callable[[], bool]) -> None:
    """Wait until it is enough, the time is over, or the process has ended."""
    end = time.monotonic() + seconds
    while process.poll() is None and not enough() and (left := end - time.monotonic()) > 0:
        time.sleep(min(0.02, left))


@dataclass(frozen=True, kw_only=True)
class _Statistics:
    """The entry of the one page in Locust's own numbers; times are milliseconds."""

    requests: int
    failures: int
    rate: float
    total: float
    times: Mapping[float, int]

    def percentile(self, share: float) -> float | None:
        """As Locust prints it: from times that it has rounded, to 10 ms above 100 ms, to 100 ms above a second."""
        passed = 0
        for milliseconds in sorted(self.times, reverse=True):
            passed += self.times[milliseconds]
            if self.requests - passed <= int(self.requests * share):
                return milliseconds
        return None


def _statistics(folder: Path, printed: str) -> _Statistics:
    """Counts and times from the JSON that it prints, the rate from the table in its log: each lacks what the other has."""
    log = folder / "locust.log"
    try:
        entries = json.loads(printed)
        rate = float(AGGREGATED.findall(log.read_text("utf-8", "replace"))[-1])
    except (ValueError, IndexError):
        raise PlainError(f"Locust ended without statistics.{_tail(log)}") from None
    if not entries:
        return _Statistics(requests=0, failures=0, rate=rate, total=0.0, times={})
    if len(entries) > 1:
        raise PlainError(f"Locust's statistics have {len(entries)} pages where one was asked for.")
    (entry,) = entries
    return _Statistics(
        requests=entry["num_requests"],
        failures=entry["num_failures"],
        rate=rate,
        total=entry["total_response_time"],
        times={float(time): count for time, count in entry["response_times"].items()},
    )


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
    return " The end of its log:\n" + "\n".join(lines) if lines else " Its log is empty."


def main() -> None:
    """Become the locust command, as a process that ends with its owner: `python -m benchmarks.trust.plain OWNER ARGUMENT…`."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # it outlives the exec below
    if os.getppid() == int(sys.argv[1]):
        os.execv(sys.executable, [sys.executable, "-m", "locust", *sys.argv[2:]])


if __name__ == "__main__":
    main()
