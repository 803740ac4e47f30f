"""The load generator, a process of its own: `python -m benchmarks.load.generator`.

Locust patches the standard library for gevent, which no notebook and no server would survive; and importing it costs a
second. So one generator lives for a whole run. It reads one JSON command a line on standard input, and answers with
JSON lines on standard output (`process.Generator` is the other end):

    -> {"do": "trial", "hosts": ["http://127.0.0.1:4000"], "workload": {…}, "expectation": {…}, "warmup": 1, "window": 4,
        "seed": "…", "cpus": [1], "limit": 60, "remote": false}
    <- {"event": "window-begin", "at": 123.4}     CLOCK_MONOTONIC, the same in every process of this machine
    <- {"event": "window-end", "at": 127.4}       the users go on until told to stop, so that memory is read under load
    -> {"do": "stop"}
    <- {"event": "result", "trial": {…}}          or {"event": "error", "error": "…", "over": false}

After an error that is `over` the process ends. It ends at once when its standard input closes, and when its owner dies.

With --workers it generates nothing itself, and is Locust's master: `master`. With --worker it is such a worker: `worker`.
"""

from __future__ import annotations

from gevent import monkey  # type: ignore[import-untyped]  # gevent publishes no types

monkey.patch_all()

import argparse  # noqa: E402 - nothing may be imported before the patching above
import ctypes  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

import gevent  # noqa: E402
from gevent.queue import Empty, Queue  # type: ignore[import-untyped] # noqa: E402
from gevent.socket import wait_read  # type: ignore[import-untyped] # noqa: E402
from locust.env import Environment  # noqa: E402

from benchmarks.load.files import claim  # noqa: E402
from benchmarks.load.master import Master  # noqa: E402
from benchmarks.load.swarm import REFUSALS, TICK, RefusedError, described  # noqa: E402
from benchmarks.load.window import Window  # noqa: E402
from benchmarks.load.worker import Worker  # noqa: E402
from labs.clients import reach  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
HOLD = 10.0  # seconds to wait for "stop" after a window


class Generator:
    """Carries out commands, one after the other; with a master, through its workers."""

    def __init__(self, reading: int, writing: int, master: Master | None = None) -> None:
        self.reading, self.writing, self.master = reading, writing, master
        self.commands = Queue()

    def read(self) -> None:
        """Lines from the owner; the end of them ends this process, in the middle of a trial too."""
        pending = b""
        while True:
            wait_read(self.reading)
            received = os.read(self.reading, 65536)
            if not received:
                if self.master:
                    self.master.dismiss()
                os._exit(0)
            *lines, pending = (pending + received).split(b"\n")
            for line in lines:
                self.commands.put(json.loads(line))

    def say(self, event: str, **values: Any) -> None:
        """One line to the owner."""
        os.write(self.writing, json.dumps({"event": event, **values}).encode() + b"\n")

    def serve(self) -> None:
        """Until standard input closes."""
        gevent.spawn(self.read)
        try:
            self.say("ready", pids=[os.getpid(), *(self.master.gather() if self.master else [])])
        except REFUSALS as error:
            self.say("error", error=described(error), over=True)
            return
        for command in self.commands:
            if command["do"] != "trial":
                continue  # a "stop" that came after its trial had already ended
            try:
                with gevent.Timeout(
                    command["limit"], RefusedError(f"the trial took longer than {command['limit']:g} s")
                ):
                    trial = self.trial(command)
                if short := trial["out_of_files"]:
                    raise RefusedError(
                        f"it could open no further file {short} times (ulimit -n), so that is its own failure, and no server's; "
                        "take fewer users, or share them among processes with --workers"
                    )
                self.say("result", trial=trial)
            except REFUSALS as error:
                # Workers in the middle of a trial that has failed are of no use for the next one.
                over = bool(self.master and self.master.busy)
                self.say("error", error=described(error), over=over)
                if over:
                    return

    def trial(self, command: dict[str, Any]) -> dict[str, Any]:
        """Warm-up, window, and what was seen."""
        if self.master:
            return self.master.trial(command, say=self.say, hold=self.hold)
        runner = Environment().create_local_runner()
        try:
            reach.admit(command.get("doors", {}))
            window = Window(command, runner)
            return window.run(time.monotonic() + TICK, say=self.say, hold=self.hold)
        finally:
            runner.quit()
            reach.forget(command.get("doors", {}))

    def hold(self) -> None:
        """Keep the users busy until the owner has read what it needs."""
        try:
            while self.commands.get(timeout=HOLD)["do"] != "stop":
                pass
        except Empty:
            raise RefusedError(f"nobody said stop within {HOLD:g} s after the window") from None


def end_with_owner() -> None:
    """Ask Linux for a signal when the owner dies. It also comes when only the owner's thread ends, which is no reason."""
    owner = os.getppid()

    def maybe() -> None:
        if os.getppid() != owner:
            os._exit(0)

    gevent.signal_handler(signal.SIGUSR2, maybe)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGUSR2, 0, 0, 0)


def end_with_master() -> None:
    """Ask Linux to kill this worker with its master, even where it is stopped and could read no end of its input."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def asked(arguments: Sequence[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load.generator",
        description="A worker of a load generator that has outgrown one machine. Start it on each further machine, from "
        "the same checkout; it waits for its master, makes its part of the load, and ends by itself once the master is gone.",
        epilog="Nothing is encrypted, and nobody is asked who they are: use a network that is yours, or a tunnel. "
        "Example: python -m benchmarks.load.generator --worker 192.168.1.5:5557 --target 192.168.1.9",
    )
    parser.add_argument("--worker", metavar="HOST:PORT", help="where the master listens")
    parser.add_argument(
        "--target",
        metavar="HOST",
        help="the one machine that may be sent load, besides this one; it is yours, or you may test it",
    )
    # How a generator starts itself and its own workers.
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--listen", help=argparse.SUPPRESS)
    parser.add_argument("--patience", type=float, default=30.0, help=argparse.SUPPRESS)
    parser.add_argument("--owned", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Serve on standard input and output; whatever else prints goes to standard error."""
    chosen = asked(arguments)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    claim()
    if sys.platform == "linux" and chosen.owned:
        end_with_master()
    elif sys.platform == "linux" and not chosen.worker:
        end_with_owner()
    if chosen.worker:
        Worker(chosen.worker, target=chosen.target, owned=chosen.owned).serve()
        return
    writing = os.dup(1)
    os.dup2(2, 1)
    try:
        master = Master(chosen.workers, chosen.listen, chosen.patience) if chosen.workers else None
    except RefusedError as error:
        os.write(writing, json.dumps({"event": "error", "error": described(error), "over": True}).encode() + b"\n")
        sys.exit(1)
    Generator(0, writing, master).serve()
    if master:
        master.end()
    os._exit(1)  # nothing of Locust's may hold up a process that has failed


if __name__ == "__main__":
    main(sys.argv[1:])
