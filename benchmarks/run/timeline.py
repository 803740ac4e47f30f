"""What happens to a deployment while it is under load: kills, starts, restarts. It runs beside the load, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from benchmarks.plan.event import timed
from benchmarks.trials.event import Happened

if TYPE_CHECKING:
    from benchmarks.plan.event import Event
    from benchmarks.trials.event import Answers


@dataclass(frozen=True)
class Done:
    """An event that happened. due: seconds into the window; began, ended: moments on CLOCK_MONOTONIC."""

    event: Event
    due: float
    began: float
    ended: float


class Timeline:
    """The events of one window, one after the other. A context manager: leaving it waits for the end of the last.

    done     those that have happened
    seconds  from the beginning of the first to the end of the last; None where nothing was to happen, or it never began

    Leaving raises what an event raised, and then no later one happens: a restart that failed makes the block void.
    """

    def __init__(self, events: Sequence[Event], deployment: Any, *, window: float) -> None:
        self.done: list[Done] = []
        self._events, self._deployment, self._at = timed(tuple(events), window), deployment, 0.0
        self._error: Exception | None = None
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="timeline", daemon=True)

    def begin(self, at: float | None = None) -> None:
        """The window begins, at a moment on CLOCK_MONOTONIC, by default now; without events, do nothing."""
        self._at = time.monotonic() if at is None else at
        if self._events:
            self._thread.start()

    @property
    def seconds(self) -> float | None:
        return self.done[-1].ended - self.done[0].began if self.done else None

    def happened(self, begin: float, window: float, answers: Mapping[str, Answers]) -> tuple[Happened, ...] | None:
        """The events with what requests saw of each; None where nothing was to happen.

        begin    of the window, on CLOCK_MONOTONIC; window: its length
        answers  reads and writes -> when these ended (`load.marks`)
        """
        if not self._events:
            return None
        ends = [each.began - begin for each in self.done[1:]] + [window]
        return tuple(
            Happened(
                what=each.event.name,
                of=each.event.of,
                due=each.due,
                began=max(0.0, each.began - begin),
                ended=max(0.0, each.ended - begin),
                **{kind: seen.around(each.began - begin, until, window) for kind, seen in answers.items()},
            )
            for each, until in zip(self.done, ends, strict=True)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._cancelled.set()
        if self._thread.ident is not None:
            self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        for due, event in self._events:
            if self._cancelled.wait(max(0.0, self._at + due - time.monotonic())):
                return
            began = time.monotonic()
            try:
                event.do(self._deployment)
            except Exception as error:  # noqa: BLE001 - raised by the thread that waits
                self._error = error
                self._cancelled.set()
            self.done.append(Done(event, due, began, time.monotonic()))
