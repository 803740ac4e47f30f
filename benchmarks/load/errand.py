"""One trial inside the generator: its users, who listens to them, and when its window is.

Only the generator imports this, after gevent has patched the standard library.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gevent  # type: ignore[import-untyped]  # gevent publishes no types

from benchmarks.load.dispatch import Anybody, Everybody, dispatch
from benchmarks.load.people import observed, on_schedule
from benchmarks.load.recorder import Recorder
from benchmarks.load.scheduled import SETTLE, Scheduled
from benchmarks.plan.workload import Closed, Expectation, from_json

if TYPE_CHECKING:
    from locust.runners import LocalRunner

TICK = 0.010  # seconds between two looks


class RefusedError(Exception):
    """A command that will not be carried out; the message is for the caller."""


def until(moment: float) -> None:
    """Sleep to a moment on CLOCK_MONOTONIC."""
    gevent.sleep(max(0.0, moment - time.monotonic()))


class Errand:
    """The users of one trial and who listens to them; the window is [begin, end)."""

    def __init__(self, command: dict[str, Any]) -> None:
        self.command, self.workload = command, from_json(command["workload"])
        self.begin = self.end = 0.0
        self.recorder: Recorder
        self.crowd: Anybody | Everybody | None = None

    @property
    def people(self) -> int:
        """How many users there are by now."""
        return self.crowd.people if self.crowd else self.workload.users

    def prepare(self, runner: LocalRunner, opened: list[int], remote: bool) -> Recorder:
        """The user class, and the recorder that it is tied to; `opened[0]` counts connections."""
        command, workload = self.command, self.workload
        expectation = Expectation.from_json(command["expectation"])
        # a moment of its own, before which the users are there
        self.zero = time.monotonic() + TICK
        self.begin = self.zero + command["warmup"]
        self.end = self.begin + command["window"]
        schedule = workload.schedule(command["seed"])
        self.recorder = (
            Scheduled(expectation, schedule, start=self.zero, warmup=command["warmup"], window=command["window"])
            if schedule
            else Recorder(expectation)
        )
        users = observed(workload, command["host"].rstrip("/"), command["seed"], self.recorder, opened, remote)
        paged = getattr(users, "paged", False)
        if isinstance(self.recorder, Scheduled):
            if paged:
                raise RefusedError("a page of several requests has no due time: use a closed workload without a pace")
            self.crowd = (
                Everybody(workload.users)
                if isinstance(workload, Closed)
                else Anybody(workload.users, workload.limit, lambda: runner.spawn_users({users.__name__: 1}))
            )
            users = on_schedule(users, self.crowd, self.recorder)
        self.recorder.paged = paged
        runner.environment.user_classes = [users]
        return self.recorder

    def start(self, runner: LocalRunner) -> list[Any]:
        """Let the users come, and requests become due; gives what else runs."""
        runner.start(self.workload.users, spawn_rate=self.workload.users)
        if not isinstance(self.recorder, Scheduled) or self.crowd is None:
            return []
        schedule = self.workload.schedule(self.command["seed"])
        return [gevent.spawn(dispatch, schedule, self.crowd, self.recorder, self.zero)]

    def settle(self) -> None:
        """Let what was due in the window be answered still, for a while; the others go on meanwhile."""
        deadline = time.monotonic() + SETTLE
        while isinstance(self.recorder, Scheduled) and self.recorder.waiting and time.monotonic() < deadline:
            gevent.sleep(TICK)
