"""Readers who ask again and again while something is done to a deployment: to see what fails, not to measure."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from labs.clients import probe

LONGEST = 10.0  # seconds to wait for a last good answer
PAUSE = 0.05  # seconds between an answer and the next request; at least that much after a failure


@dataclass(frozen=True)
class Reading:
    """One request of a reader's. begun and ended are in seconds of the monotonic clock; failed is empty for an answer."""

    begun: float
    ended: float
    failed: str


class Readers:
    """Some readers in threads of this process, for as long as the block lasts. Leaving it waits for one more good answer,
    so that a gap is seen to its end.

    with site.readers(4) as readers:
        site.restart("runfcgi")
    readers

    answered     answers with a status below 400
    failed       what the others got -> how often: "status 502", or the name of the error where there was no answer
    longest_gap  seconds, the longest time in which nobody got an answer
    readings     every request, in the order of their ends

    patient=False leaves at once: for a deployment that may never answer again.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        number: int,
        path: str = "/hello/",
        *,
        pause: float = PAUSE,
        patient: bool = True,
    ) -> None:
        self.urls = tuple(url + path for url in ([urls] if isinstance(urls, str) else urls))
        self.number, self.pause, self.patient = number, pause, patient
        self.readings: list[Reading] = []
        self.failed: Counter[str] = Counter()
        self.answered = 0
        self.longest_gap = 0.0
        self._last = time.monotonic()
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._read, name="reader", daemon=True) for _ in range(number)]

    def __enter__(self) -> Self:
        """Returns once a reader has had an answer, good or not."""
        for thread in self._threads:
            thread.start()
        while not self.answered and not self.failed:
            time.sleep(0.005)
        self._last = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end = time.monotonic() + LONGEST
        left = time.monotonic()
        while self.patient and kind is None and self._last < left and time.monotonic() < end:
            time.sleep(0.005)
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        turns = itertools.cycle(self.urls)
        while not self._enough.is_set():
            begun = time.monotonic()
            try:
                status = probe.get(next(turns)).status
                what = f"status {status}" if status >= 400 else ""
            except (OSError, http.client.HTTPException) as error:
                what = type(error).__name__
            with self._lock:
                now = time.monotonic()
                self.readings.append(Reading(begun, now, what))
                if what:
                    self.failed[what] += 1
                else:
                    self.longest_gap, self._last = max(self.longest_gap, now - self._last), now
                    self.answered += 1
            self._enough.wait(max(self.pause, PAUSE) if what else self.pause)

    def __repr__(self) -> str:
        failed = ", ".join(f"{count} times {what}" for what, count in self.failed.items())
        gap = f"at most {1000 * self.longest_gap:.0f} ms without an answer"
        return f"{self.answered} answers, {gap}, {f'failed: {failed}' if failed else 'none failed'}"
