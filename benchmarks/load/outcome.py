"""What came of the load of one trial, as the generator saw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.codec import Amount, Count
from benchmarks.trials.histogram import Histogram
from benchmarks.trials.trial import Lateness, Warmup, WorkerLoad


@dataclass(frozen=True, kw_only=True)
class TrialLoad:
    """What the generator saw in one window. Times are seconds; `begin` and `end` are on CLOCK_MONOTONIC.

    users           how many there were; with an open workload, how many were needed
    due             requests that were due in the window by a schedule, requests + failures + unanswered; None without one
    behind          those among them that the generator had not got to when the window ended: it is too slow
    requests        answered as expected, and arrived within the window; with a schedule, and due within it
    pages           pages among them that came whole; for users who ask for single pages, the same
    failures        reason -> count, of those that ended within the window; with a schedule, that were due within it
    unanswered      users without an expected answer in the window who had been asking for half of it or longer; with a
                    schedule, requests of the window without an answer a second after it (`scheduled`)
    in_flight       requests that were open at the window's end
    waiting         their ages, for an unanswered user since it began to ask; with a schedule, ages of the unanswered
    in_flight_mean  requests in flight, averaged over the window
    held_seconds    what the requests that ended in the window took together, failures included
    longest_gap     longest time in the window without an expected answer to anybody
    latency, page_latency, waiting   latency counts from when a request was due, and with a schedule holds the unanswered
                    too, by their age
    cpu_seconds     the generator's own CPU time in the window; with workers, that of its busiest processor
    connections     TCP connections opened in the window
    users_alive     Locust users still running at the end; fewer than `users` means that some crashed
    marks           when each request of the window ended (`load.marks`); None where that was not asked
    workers         what each of them did; none where one process generates it all. How they are added: `adding`
    """

    begin: float
    end: float
    seconds: Amount
    users: Count
    users_alive: Count
    due: Count | None
    behind: Count
    requests: Count
    pages: Count
    failures: Mapping[str, Count]
    unanswered: Count
    bytes: Count
    in_flight: Count
    in_flight_mean: Amount
    held_seconds: Amount
    longest_gap: Amount
    marks: Mapping[str, tuple[str, ...]] | None = None
    latency: Histogram
    page_latency: Histogram | None
    waiting: Histogram
    cpu_seconds: Amount
    connections: Count
    lateness: Lateness
    warmup: Warmup
    workers: tuple[WorkerLoad, ...]

    @property
    def offered(self) -> float | None:
        """Requests a second that the schedule asks for; None without one."""
        return None if self.due is None else self.due / self.seconds

    @property
    def achieved(self) -> float | None:
        """Requests a second that the generator got to in time; less than `offered` means that it is the limit."""
        return None if self.due is None else (self.due - self.behind) / self.seconds
