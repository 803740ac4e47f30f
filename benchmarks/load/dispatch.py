"""Hands each request to a user at the moment it is due, whatever became of the ones before."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

import gevent  # type: ignore[import-untyped]
from gevent.queue import Queue  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.load.part import Part
    from benchmarks.load.scheduled import Scheduled


class Crowd(Protocol):
    """Who takes what is due. A request is its number in the recorder and its number in the schedule."""

    def give(self, request: tuple[int, int]) -> None:
        """A request is due."""
        ...

    def take(self, user: Any) -> tuple[int, int]:
        """Called by a user who is free: waits until there is something to ask."""
        ...


class Anybody:
    """Whoever is free, the last one first; while nobody is, one more comes, up to `most`. What is left over waits."""

    def __init__(self, people: int, most: int, come: Callable[[], None]) -> None:
        self.people, self.most, self.come = people, most, come
        self.free: list[Queue] = []
        self.left: deque[tuple[int, int]] = deque()

    def give(self, request: tuple[int, int]) -> None:
        """To somebody free, else to who frees up first."""
        if self.free:
            self.free.pop().put(request)
            return
        self.left.append(request)
        if self.people < self.most:
            self.people += 1
            self.come()

    def take(self, user: Any) -> tuple[int, int]:
        """The oldest that waits, else the next."""
        if not hasattr(user, "inbox"):
            user.inbox = Queue()
        if self.left:
            return self.left.popleft()
        self.free.append(user.inbox)
        request: tuple[int, int] = user.inbox.get()
        return request


class Everybody:
    """Each in turn: a user who is kept waiting finds all that became due meanwhile, and nobody else does it.

    users  how many take turns; those of `part` are here
    """

    def __init__(self, users: int, part: Part) -> None:
        self.users, self.part = users, part
        self.inboxes = [Queue() for _ in range(part.share(users))]
        self.people = 0

    def give(self, request: tuple[int, int]) -> None:
        """To the one whose turn it is."""
        self.inboxes[request[1] % self.users // self.part.of].put(request)

    def take(self, user: Any) -> tuple[int, int]:
        """The user's own next one."""
        if not hasattr(user, "inbox"):
            user.inbox = self.inboxes[self.people % len(self.inboxes)]
            self.people += 1
        request: tuple[int, int] = user.inbox.get()
        return request


def dispatch(schedule: Iterator[tuple[int, float]], crowd: Crowd, recorder: Scheduled, start: float) -> None:
    """Without end; `start` is the moment (CLOCK_MONOTONIC) from which the schedule counts. Its entries are numbered."""
    for number, after in schedule:
        due = start + after
        gevent.sleep(max(0.0, due - time.monotonic()))  # at least a turn of the loop for the others, when late
        crowd.give((recorder.arrive(due), number))
