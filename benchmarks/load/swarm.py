"""The users of one trial in one generating process, who records what they see, and when the window is.

Only the generator imports this, after gevent has patched the standard library.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gevent  # type: ignore[import-untyped]  # gevent publishes no types

from benchmarks.load.dispatch import Anybody, Everybody, dispatch
from benchmarks.load.files import lacking
from benchmarks.load.part import Part
from benchmarks.load.people import observed, on_schedule
from benchmarks.load.recorder import Recorder
from benchmarks.load.scheduled import SETTLE, Scheduled
from benchmarks.plan.workload import Closed, Expectation, from_json

if TYPE_CHECKING:
    from locust.runners import Runner

TICK = 0.010  # seconds between two looks


class RefusedError(Exception):
    """A command that will not be carried out; the message is for the caller."""


REFUSALS = (RefusedError, ValueError, ImportError, AttributeError, OSError)  # what a command may end with


def described(error: BaseException) -> str:
    """One of them, in a line for the caller."""
    return str(error) if isinstance(error, RefusedError) else f"{type(error).__name__}: {error}"


def until(moment: float) -> None:
    """Sleep to a moment on CLOCK_MONOTONIC."""
    gevent.sleep(max(0.0, moment - time.monotonic()))


class Swarm:
    """The users of one trial and their recorder, or this process's part of them; the window is [begin, end)."""

    def __init__(self, command: dict[str, Any]) -> None:
        self.command, self.workload = command, from_json(command["workload"])
        self.part = Part(**command.get("part", {}))
        self.begin = self.end = 0.0
        self.recorder: Recorder
        self.crowd: Anybody | Everybody | None = None

    @property
    def people(self) -> int:
        """How many users there are by now."""
        return self.crowd.people if self.crowd else self.part.share(self.workload.users)

    def prepare(self, runner: Runner, opened: list[int], remote: bool) -> Recorder:
        """The user class, and the recorder that it is tied to; `opened[0]` counts connections."""
        command, workload, part = self.command, self.workload, self.part
        expectation, seed = Expectation.from_json(command["expectation"]), command["seed"]
        schedule = part.due(workload, seed)
        self.recorder = (
            Scheduled(expectation, (after for _, after in schedule), warmup=command["warmup"], window=command["window"])
            if schedule
            else Recorder(expectation)
        )
        users = observed(workload, command["hosts"], seed, self.recorder, opened, remote, part)
        paged = getattr(users, "paged", False)
        # a page's parts come over several connections, and its media may be another host's
        if short := lacking(part.share(workload.users), getattr(users, "concurrency", 0) + 1 if paged else 1):
            raise RefusedError(short)
        if isinstance(self.recorder, Scheduled):
            if paged:
                raise RefusedError("a page of several requests has no due time: use a closed workload without a pace")
            self.crowd = (
                Everybody(workload.users, part)
                if isinstance(workload, Closed)
                else self._anybody(runner, workload.limit)
            )
            users = on_schedule(users, self.crowd, self.recorder)
        self.recorder.paged, self.recorder.marked = paged, bool(command.get("marks"))
        runner.environment.user_classes = [users]
        return self.recorder

    def _anybody(self, runner: Runner, limit: int) -> Anybody:
        if limit < self.part.of:
            raise RefusedError(f"limit={limit}: {self.part.of} workers need a user each, so a limit of at least that")
        return Anybody(self.part.share(self.workload.users), self.part.share(limit), lambda: self._come(runner, 1))

    @staticmethod
    def _come(runner: Runner, users: int) -> None:
        runner.spawn_users({runner.user_classes[0].__name__: users})

    def start(self, runner: Runner, zero: float) -> list[Any]:
        """Let the users come, and requests become due from `zero` on, a moment on CLOCK_MONOTONIC; gives what else runs."""
        self.begin = zero + self.command["warmup"]
        self.end = self.begin + self.command["window"]
        self.recorder.set_off(zero)
        if self.crowd is None:
            until(zero)  # they ask as soon as they come; with a schedule they wait for what is due
        self._come(runner, self.part.share(self.workload.users))
        schedule = self.part.due(self.workload, self.command["seed"])
        if not isinstance(self.recorder, Scheduled) or self.crowd is None or schedule is None:
            return []
        return [gevent.spawn(dispatch, schedule, self.crowd, self.recorder, zero)]

    def settle(self) -> None:
        """Let what was due in the window be answered still, for a while; the others go on meanwhile."""
        deadline = time.monotonic() + SETTLE
        while isinstance(self.recorder, Scheduled) and self.recorder.waiting and time.monotonic() < deadline:
            gevent.sleep(TICK)
