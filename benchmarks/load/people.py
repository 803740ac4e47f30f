"""The users of a trial: a workload's Locust class, told where to go, and tied to the recorder by Locust's own hooks.

Only the generator imports this, after gevent has patched the standard library.
"""

from __future__ import annotations

from importlib import import_module
from random import Random
from typing import TYPE_CHECKING, Any

import gevent  # type: ignore[import-untyped]  # gevent publishes no types
from locust import FastHttpUser, User

from benchmarks.load.client import Clients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locust.env import Environment

    from benchmarks.load.dispatch import Crowd
    from benchmarks.load.part import Part
    from benchmarks.load.recorder import Recorder
    from benchmarks.load.scheduled import Scheduled
    from benchmarks.plan.workload import Workload


def observed(
    workload: Workload, hosts: Sequence[str], seed: str, recorder: Recorder, opened: list[int], remote: bool, part: Part
) -> type[User]:
    """The workload's user class, told where to go, and tied to the recorder by Locust's own hooks.

    hosts  the site's addresses; users take them in turn, each one for good, as with several addresses in the DNS
    """
    module, _, name = workload.user_class.partition(":")
    base: type[User] = getattr(import_module(module), name)
    numbers = part.numbers()

    class Observed(base):  # type: ignore[valid-type,misc]
        max_redirects = 0  # a redirect is an answer of its own, never followed in silence

        def __init__(self, environment: Environment) -> None:
            number = next(numbers)
            self.host = hosts[number % len(hosts)]
            super().__init__(environment)
            self.draw = Random(f"{seed}/{number}")  # one sequence a user, whatever order they run in
            if isinstance(self, FastHttpUser):
                agent = self.client.client
                agent.clientpool = Clients(opened, remote, **agent.clientpool.client_args)
                agent.valid_response_codes = range(100, 600)  # the recorder judges, by what the trial expects

        def begin(self) -> dict[str, Any]:
            return recorder.start(self)

        def context(self) -> dict[str, Any]:
            return {**super().context(), **self.begin()}

    attributes = {**workload.attributes(), "host": hosts[0], "seed": seed, "numbers": part.numbers()}
    if workload.pause:
        low, high = workload.pause

        def arrive(user: Any) -> None:
            # As if they had always been reading: one is met in the middle of a long pause more often than of a short
            # one. Without this all would ask in the same instant.
            met = (low**2 + user.draw.random() * (high**2 - low**2)) ** 0.5
            gevent.sleep(user.draw.random() * met)
            super(Observed, user).on_start()

        attributes["on_start"] = arrive
        attributes["wait_time"] = lambda user: user.draw.uniform(low, high)
    else:
        attributes["wait_time"] = lambda _user: 0
    return type(name, (Observed,), attributes)


def on_schedule(users: type[User], crowd: Crowd, recorder: Scheduled) -> type[User]:
    """The same users, who begin each task when something is due."""

    class Punctual(users):  # type: ignore[valid-type,misc]
        due: int | None = None  # the request of this task, until it is sent

        def on_start(self) -> None:
            super().on_start()
            self.wait_time()

        def wait_time(self) -> float:
            self.due, self.turn = crowd.take(self)
            return 0

        def begin(self) -> dict[str, Any]:
            due, self.due = self.due, None
            return recorder.start(self, due)

    return Punctual
