"""A thread that looks at some numbers again and again within a window, for what must be seen over time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from benchmarks.run.probes import Probes
from benchmarks.trials.samples import Samples
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.plan.deployed import Deployed
    from benchmarks.plan.watch import Look, Watch

EVERY = 0.25  # seconds between two looks
MOST = 1200  # looks in a window: a longer one is looked at less often


class Sampler:
    """Looks from `begin()` until `end()`. A context manager: leaving it ends the thread, whatever happened, and raises what a
    look raised that is no sign of a server which is not there.

    watches  what is looked at; with none, nothing runs
    window   how long it will be, in seconds
    every    seconds between two looks; longer where there would be more than MOST

    Raises LabError for what cannot be watched, before anything is measured.
    """

    def __init__(self, watches: Sequence[Watch], deployment: Deployed, *, window: float, every: float = EVERY) -> None:
        self.every = max(every, window / MOST)
        probes = Probes(deployment)  # type: ignore[arg-type]  # of other kinds of servers nothing is watched
        self._looks: dict[str, Look] = {each.name: probes.look(each) for each in watches}
        self._at: list[float] = []
        self._values: dict[str, list[float | None]] = {name: [] for name in self._looks}
        self._cpu = self._begun = 0.0
        self._error: Exception | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def begin(self, at: float) -> None:
        """The window begins, at a moment on CLOCK_MONOTONIC."""
        self._begun = at
        if self._looks:
            self._thread.start()

    def end(self, _at: float = 0.0) -> None:
        """The window ends: no further look begins."""
        self._over.set()

    @property
    def samples(self) -> Samples | None:
        """What was seen; None where nothing was to be looked at."""
        if not self._looks:
            return None
        values = {name: tuple(seen) for name, seen in self._values.items()}
        return Samples(every=self.every, cpu_seconds=self._cpu, at=tuple(self._at), values=values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        due = self._begun
        while not self._over.is_set() and len(self._at) < 2 * MOST:
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - raised by the thread that waits
                self._error = error
                return
            # A look that took longer than until the next one is followed by no burst of them
            due += self.every * max(1, -(-(time.monotonic() - due) // self.every))
            self._over.wait(max(0.0, due - time.monotonic()))

    def _look(self) -> None:
        before = time.thread_time()
        self._at.append(round(max(0.0, time.monotonic() - self._begun), 4))
        for name, look in self._looks.items():
            try:
                self._values[name].append(look())
            except (LabError, OSError):  # the server was not there just then
                self._values[name].append(None)
        self._cpu += time.thread_time() - before
