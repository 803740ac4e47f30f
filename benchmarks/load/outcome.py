"""What came of the load of one trial, as the generator saw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from benchmarks.load.workers import WorkerLoad


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """How much later than asked the generator's own 10 ms alarm rang, in seconds: its responsiveness in the window."""

    p50: float
    p99: float
    max: float


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
    latency, page_latency, waiting   histograms in microseconds (HdrHistogram V2, base64); latency counts from when a
                    request was due, and with a schedule holds the unanswered too, by their age
    cpu_seconds     the generator's own CPU time in the window; with workers, that of its busiest processor
    connections     TCP connections opened in the window
    users_alive     Locust users still running at the end; fewer than `users` means that some crashed
    workers         what each of them did; none where one process generates it all. How they are added: `adding`
    """

    begin: float
    end: float
    seconds: float
    users: int
    users_alive: int
    due: int | None
    behind: int
    requests: int
    pages: int
    failures: Mapping[str, int]
    unanswered: int
    bytes: int
    in_flight: int
    in_flight_mean: float
    held_seconds: float
    longest_gap: float
    latency: str
    page_latency: str | None
    waiting: str
    cpu_seconds: float
    connections: int
    lateness: Lateness
    warmup: Mapping[str, Any]
    workers: Sequence[WorkerLoad]

    @property
    def offered(self) -> float | None:
        """Requests a second that the schedule asks for; None without one."""
        return None if self.due is None else self.due / self.seconds

    @property
    def achieved(self) -> float | None:
        """Requests a second that the generator got to in time; less than `offered` means that it is the limit."""
        return None if self.due is None else (self.due - self.behind) / self.seconds

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """From the generator's answer."""
        known = {each.name: values[each.name] for each in fields(cls)}
        workers = tuple(WorkerLoad(**each) for each in values["workers"])
        return cls(**{**known, "lateness": Lateness(**values["lateness"]), "workers": workers})
