"""The load of one trial, asked of a generator process.

Locust never runs in the caller's process: imported into a Jupyter kernel it hangs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from benchmarks.codec import decode
from benchmarks.load.outcome import TrialLoad
from benchmarks.load.workers import Workers
from benchmarks.plan.workload import Expectation, Workload
from labs.clients import reach
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30.0  # seconds beyond its own length that a trial may take, to start and to stop its users
LOG_LINES = 15


class GeneratorError(LabError):
    """The generator ended, refused, or did not answer; the message holds the end of its log."""


class Generator:
    """One generator process for a whole run; several may live at once. Use it as a context manager, or call `close`.

    python   the interpreter that has Locust; by default this one
    workers  as many processes share the work, on this machine; a `Workers` may say that they are on others. None for one
    pids     numbers of the processes of this machine that generate, while it runs
    """

    def __init__(self, *, python: Path | None = None, workers: Workers | int | None = None) -> None:
        self.python = python or Path(sys.executable)
        self.workers = Workers(count=workers) if isinstance(workers, int) else workers
        self.pids: list[int] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.log: IO[bytes] | None = None
        self.pending = b""

    def start(self) -> Self:
        """Start the process, and wait until it has imported Locust, about a second, and until its workers are there.

        Raises GeneratorError when it or one of them does not come.
        """
        if self.process is not None and self.process.poll() is None:
            return self
        self.close()  # one that was aborted is no use
        self.pending = b""
        self.log = tempfile.TemporaryFile(prefix="generator-")  # noqa: SIM115 - closed by close()
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        self.process = subprocess.Popen(
            [str(self.python), "-m", "benchmarks.load.generator", *(self.workers.arguments if self.workers else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=environment,
            # Ctrl+C in a terminal reaches the owner alone, who decides; the closed pipe then ends the generator.
            start_new_session=True,
        )
        try:
            patience = PATIENCE + (self.workers.patience if self.workers else 0.0)
            self.pids = self._receive(time.monotonic() + patience, "ready")["pids"]
        except BaseException:
            self.close()
            raise
        return self

    def trial(
        self,
        host: str | Sequence[str],
        workload: Workload,
        *,
        warmup: float,
        window: float,
        seed: str | int = 0,
        expectation: Expectation | None = None,
        cpus: Iterable[int] | None = None,
        remote: bool = False,
        marks: bool = False,
        on_begin: Callable[[float], None] | None = None,
        on_end: Callable[[float], None] | None = None,
        on_wait: Callable[[], None] | None = None,
    ) -> TrialLoad:
        """Run the users for `warmup` + `window` seconds, and say what they saw in the window.

        host              the address of the site; of several, users take them in turn
        on_begin, on_end  called with the moment (CLOCK_MONOTONIC) as the window begins and ends; the users go on until
                          `on_end` returns, so memory can be read there under load
        on_wait           called some four times a second in between, for a progress line
        cpus              CPUs that the generator is held to; None leaves it as it is
        remote            allow a host that is not this machine
        marks             keep when each request ended (`TrialLoad.marks`)

        Raises GeneratorError when the generator dies, refuses, or takes too long.
        """
        if self.process is None:
            raise GeneratorError("the generator is not running: call start(), or use it in a `with`")
        limit = warmup + window + PATIENCE
        hosts = [each.rstrip("/") for each in ([host] if isinstance(host, str) else host)]
        command = {
            "do": "trial",
            "hosts": hosts,
            "workload": workload.to_json(),
            "expectation": (expectation or Expectation()).to_json(),
            "warmup": warmup,
            "window": window,
            "seed": str(seed),
            "cpus": sorted(cpus) if cpus is not None else None,
            "limit": limit,
            "remote": remote,
            "marks": marks,
            "doors": {name: door for each in hosts for name, door in reach.doors_of(each).items()},
        }
        deadline = time.monotonic() + limit + 5
        try:
            self._send(command)
            begin = self._receive(deadline, "window-begin", on_wait)
            if on_begin:
                on_begin(begin["at"])
            end = self._receive(deadline, "window-end", on_wait)
            if on_end:
                on_end(end["at"])
            self._send({"do": "stop"})
            return decode(TrialLoad, self._receive(deadline, "result", on_wait)["trial"])
        except RefusalError:
            raise
        except BaseException:
            self.close()  # whatever it is doing now, its next answer would be to the wrong question
            raise

    def tail(self) -> str:
        """The last lines that the process wrote to its standard error."""
        if self.log is None:
            return ""
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES:])

    def abort(self) -> None:
        """End the process from another thread: whoever waits for a trial gets a GeneratorError, and closes it."""
        process = self.process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process. It is certain, and calling it twice is fine."""
        process, self.process = self.process, None
        self.pids = []
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.log is not None:
            self.log.close()
            self.log = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, command: dict[str, Any]) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(command).encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise self._dead() from error

    def _receive(self, deadline: float, event: str, on_wait: Callable[[], None] | None = None) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        while b"\n" not in self.pending:
            if time.monotonic() > deadline:
                raise GeneratorError(f"the load generator did not answer in time (waited for {event}).{self._log()}")
            if not select.select([pipe], [], [], 0.25)[0]:
                if on_wait:
                    on_wait()
                continue
            received = os.read(pipe, 1 << 20)
            if not received:
                raise self._dead()
            self.pending += received
        line, self.pending = self.pending.split(b"\n", 1)
        answer: dict[str, Any] = json.loads(line)
        if answer["event"] == "error":
            raise (GeneratorError if answer["over"] else RefusalError)(f"the load generator: {answer['error']}")
        if answer["event"] != event:
            raise GeneratorError(f"the load generator answered {answer['event']} where {event} was due.{self._log()}")
        return answer

    def _dead(self) -> GeneratorError:
        assert self.process is not None
        try:
            how = f"exit status {self.process.wait(2)}"
        except subprocess.TimeoutExpired:
            how = "it closed its output"
        return GeneratorError(f"the load generator ended in the middle of its work ({how}).{self._log()}")

    def _log(self) -> str:
        tail = self.tail()
        return f" The end of its log:\n{tail}" if tail else " Its log is empty."


class RefusalError(GeneratorError):
    """The generator is well, and would not carry out this trial."""
