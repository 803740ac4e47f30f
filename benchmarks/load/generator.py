"""The load generator, a process of its own: `python -m benchmarks.load.generator`.

Locust patches the standard library for gevent, which no notebook and no server would survive; and importing it costs a
second. So one generator lives for a whole run. It reads one JSON command a line on standard input, and answers with
JSON lines on standard output (`process.Generator` is the other end):

    -> {"do": "trial", "host": "http://127.0.0.1:4000", "workload": {…}, "expectation": {…}, "warmup": 1, "window": 4,
        "seed": "…", "cpus": [1], "limit": 60, "remote": false}
    <- {"event": "window-begin", "at": 123.4}     CLOCK_MONOTONIC, the same in every process of this machine
    <- {"event": "window-end", "at": 127.4}       the users go on until told to stop, so that memory is read under load
    -> {"do": "stop"}
    <- {"event": "result", "trial": {…}}          or {"event": "error", "error": "…"}

It ends at once when its standard input closes, and when its owner dies.
"""

from __future__ import annotations

from gevent import monkey  # type: ignore[import-untyped]  # gevent publishes no types

monkey.patch_all()

import ctypes  # noqa: E402 - nothing may be imported before the patching above
import gc  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from array import array  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from gevent.queue import Empty, Queue  # type: ignore[import-untyped] # noqa: E402
from gevent.socket import wait_read  # type: ignore[import-untyped] # noqa: E402
from locust import FastHttpUser  # noqa: E402
from locust.env import Environment  # noqa: E402

from benchmarks.load.client import hang_up_all, is_loopback  # noqa: E402
from benchmarks.load.errand import Errand, RefusedError, until  # noqa: E402

PR_SET_PDEATHSIG = 1
TICK = 0.010  # seconds that the watch sleeps
FILES = 8192  # open files: a connection is one, and the usual limit is 1024; macOS allows some 10,000
HOLD = 10.0  # seconds to wait for "stop" after a window


def watch(lateness: array[int]) -> None:
    """Sleep again and again, and note how much later than asked this process came back, in microseconds."""
    while True:
        asked = time.monotonic() + TICK
        gevent.sleep(TICK)
        lateness.append(round((time.monotonic() - asked) * 1_000_000))


class Generator:
    """Carries out commands, one after the other."""

    def __init__(self, reading: int, writing: int) -> None:
        self.reading, self.writing = reading, writing
        self.commands = Queue()

    def read(self) -> None:
        """Lines from the owner; the end of them ends this process, in the middle of a trial too."""
        pending = b""
        while True:
            wait_read(self.reading)
            received = os.read(self.reading, 65536)
            if not received:
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
        self.say("ready", pid=os.getpid())
        for command in self.commands:
            if command["do"] != "trial":
                continue  # a "stop" that came after its trial had already ended
            try:
                with gevent.Timeout(
                    command["limit"], RefusedError(f"the trial took longer than {command['limit']:g} s")
                ):
                    self.say("result", trial=self.trial(command))
            except (RefusedError, ValueError, ImportError, AttributeError, OSError) as error:
                self.say(
                    "error",
                    error=f"{type(error).__name__}: {error}" if not isinstance(error, RefusedError) else str(error),
                )

    def trial(self, command: dict[str, Any]) -> dict[str, Any]:
        """Warm-up, window, and what was seen."""
        host, remote = command["host"].rstrip("/"), bool(command.get("remote"))
        if not remote and not is_loopback(host):
            raise RefusedError(
                f"{host} is not a loopback address; load is sent to this machine only unless remote=True says otherwise"
            )
        if command.get("cpus") and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, command["cpus"])
        gc.unfreeze()  # an earlier trial's leavings go now
        gc.collect()
        gc.freeze()  # what remains is never searched for garbage while the window is open
        load, opened = Errand(command), [0]
        environment = Environment(host=host)
        runner = environment.create_local_runner()
        recorder, greenlets = load.prepare(runner, opened, remote), []
        # Ours alone: Locust's own statistics round, and would cost a tenth of this process.
        environment.events.request._handlers[:] = [recorder.on_request]
        environment.events.user_error._handlers.append(recorder.on_user_error)
        lateness = array("q")
        try:
            greenlets += [gevent.spawn(watch, lateness), *load.start(runner)]
            until(load.begin)
            warmup = recorder.turn()
            before, connections = time.process_time(), opened[0]
            del lateness[:]
            self.say("window-begin", at=load.begin)
            until(load.end)
            cpu, late, connections = time.process_time() - before, sorted(lateness), opened[0] - connections
            self.say("window-end", at=recorder.close())
            self.hold()
            load.settle()
            for greenlet in greenlets:
                if greenlet.exception:
                    raise RefusedError(f"what it does beside its users failed: {greenlet.exception!r}")
            seen, alive = recorder.finish(), runner.user_count
        finally:
            gevent.killall(greenlets)
            everybody = [greenlet.args[0] for greenlet in runner.user_greenlets if greenlet.args]
            runner.quit()
            for user in everybody:
                if isinstance(user, FastHttpUser):
                    user.client.client.clientpool.close()
            hang_up_all()
            gevent.sleep(
                TICK
            )  # a socket that somebody waits on is closed at the loop's next turn, which would not come
        return {
            **seen,
            "users": load.people,
            "users_alive": alive,
            "cpu_seconds": cpu,
            "connections": connections,
            "lateness": {
                "p50": late[len(late) // 2] / 1e6 if late else command["window"],
                "p99": late[len(late) * 99 // 100] / 1e6 if late else command["window"],
                "max": late[-1] / 1e6 if late else command["window"],
            },
            "warmup": {
                "seconds": seen["begin"] - warmup.begin,
                "requests": warmup.requests,
                "failures": dict(warmup.failures),
            },
        }

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


def main() -> None:
    """Serve on standard input and output; whatever else prints goes to standard error."""
    writing = os.dup(1)
    os.dup2(2, 1)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES and (hard == resource.RLIM_INFINITY or hard >= FILES):
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    if sys.platform == "linux":
        end_with_owner()
    Generator(0, writing).serve()


if __name__ == "__main__":
    main()
