"""One trial in one generating process: warm-up, window, and what was seen.

Only the generator imports this, after gevent has patched the standard library.
"""

from __future__ import annotations

import gc
import os
import time
from array import array
from typing import TYPE_CHECKING, Any, Protocol

import gevent  # type: ignore[import-untyped]  # gevent publishes no types
from locust import FastHttpUser

from benchmarks.load.client import hang_up_all, is_here
from benchmarks.load.swarm import TICK, RefusedError, Swarm, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.runners import Runner


class Say(Protocol):
    """Tells whoever gave the command, in the middle of it."""

    def __call__(self, event: str, *, at: float) -> None:
        """The window begins or ends."""
        ...


def watch(lateness: array[int]) -> None:
    """Sleep again and again, and note how much later than asked this process came back, in microseconds."""
    while True:
        asked = time.monotonic() + TICK
        gevent.sleep(TICK)
        lateness.append(round((time.monotonic() - asked) * 1_000_000))


class Window:
    """One trial, prepared; the runner is Locust's, a local one or a worker's. Raises RefusedError for a wrong command."""

    def __init__(self, command: dict[str, Any], runner: Runner) -> None:
        remote = bool(command.get("remote"))
        if not remote and (others := [host for host in command["hosts"] if not is_here(host)]):
            raise RefusedError(
                f"{others[0]} is not a loopback address; load is sent to this machine only unless remote=True says otherwise"
            )
        if command.get("cpus") and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, command["cpus"])
        gc.unfreeze()  # an earlier trial's leavings go now
        gc.collect()
        gc.freeze()  # what remains is never searched for garbage while the window is open
        self.command, self.runner, self.load, self.opened = command, runner, Swarm(command), [0]
        runner.environment.host = command["hosts"][0]
        self.recorder = self.load.prepare(runner, self.opened, remote)
        # Ours alone: Locust's own statistics round, and would cost a tenth of this process.
        runner.environment.events.request._handlers[:] = [self.recorder.on_request]
        runner.environment.events.user_error._handlers[:] = [self.recorder.on_user_error]

    def run(self, zero: float, *, say: Say, hold: Callable[[], None]) -> dict[str, Any]:
        """From `zero`, a moment on CLOCK_MONOTONIC; what was seen, as the generator answers it.

        hold  returns when the users need not go on any more
        """
        load, recorder, runner, opened = self.load, self.recorder, self.runner, self.opened
        lateness, greenlets = array("q"), []
        try:
            greenlets += [gevent.spawn(watch, lateness), *load.start(runner, zero)]
            until(load.begin)
            warmup = recorder.turn()
            before, connections = time.process_time(), opened[0]
            del lateness[:]
            say("window-begin", at=load.begin)
            until(load.end)
            cpu, late, connections = time.process_time() - before, sorted(lateness), opened[0] - connections
            say("window-end", at=recorder.close())
            hold()
            load.settle()
            for greenlet in greenlets:
                if greenlet.exception:
                    raise RefusedError(f"what it does beside its users failed: {greenlet.exception!r}")
            seen, alive = recorder.finish(), runner.user_count
        finally:
            gevent.killall(greenlets)
            self._end()
        longest = self.command["window"]
        return {
            **seen,
            "users": load.people,
            "users_alive": alive,
            "cpu_seconds": cpu,
            "connections": connections,
            "lateness": {
                "p50": late[len(late) // 2] / 1e6 if late else longest,
                "p99": late[len(late) * 99 // 100] / 1e6 if late else longest,
                "max": late[-1] / 1e6 if late else longest,
            },
            "warmup": {
                "seconds": seen["begin"] - warmup.begin,
                "requests": warmup.requests,
                "failures": dict(warmup.failures),
            },
            "out_of_files": recorder.out_of_files,
            "workers": [],
        }

    def _end(self) -> None:
        """Stop every user, and close every connection."""
        everybody = [greenlet.args[0] for greenlet in self.runner.user_greenlets if greenlet.args]
        self.runner.stop()
        for user in everybody:
            if isinstance(user, FastHttpUser):
                user.client.client.clientpool.close()
        hang_up_all()
        # A socket that somebody waits on is closed at the loop's next turn, which would not come.
        gevent.sleep(TICK)
