"""One trial: what was counted and timed while one arm was under load for one window. Nothing in it is computed from another.

Times are seconds, sizes bytes, unless a name says otherwise. A field whose default is None is not in every record: what it
counts was not there, or the record is from before it was counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.codec import NULL, Amount, Count
from benchmarks.trials.event import Happened
from benchmarks.trials.histogram import Histogram
from benchmarks.trials.roles import Used
from benchmarks.trials.samples import Samples

Value = float | int | str  # of the factor that a sweep varies


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """How much later than asked the generator's own 10 ms alarm rang, in seconds: its responsiveness in the window."""

    p50: Amount
    p99: Amount
    max: Amount


@dataclass(frozen=True, kw_only=True)
class Warmup:
    """What came before the window, and counts for nothing."""

    seconds: Amount
    requests: Count
    failures: Mapping[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Phases:
    """Seconds that each part of a trial took. The first three are of its servers, whose other trials share them."""

    start: Amount | None = None
    verify: Amount | None = None
    stop: Amount | None = None
    warmup: Amount | None = None
    load: Amount | None = None
    drain: Amount | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerLoad:
    """What one worker of a shared generator did in the window.

    where         "this machine", else the name of its machine
    cpus          those that it was held to, None where it was left alone
    cpu_seconds   its own CPU time in the window
    lateness      how late its own alarm rang, in seconds, at the 99th percentile
    clock_error   seconds that its window may lie beside the master's, at most
    """

    where: str
    pid: Count
    cpus: tuple[Count, ...] | None
    users: Count
    requests: Count
    cpu_seconds: Amount
    lateness: Amount
    clock_error: Amount


@dataclass(frozen=True, kw_only=True)
class OtherLoad:
    """What another generator did with the same arm for as long, in a cross-check; `cpu_seconds` are the servers'."""

    requests: Count
    failures: Count
    seconds: Amount
    cpu_seconds: Amount


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One arm, in one block, at one value of a sweep.

    point            the value of the factor; None where nothing is swept
    requests         answered as expected, in the window; with a schedule, and due within it
    pages            pages among them that came whole; for users who ask for single pages, the same
    failures         reason -> count
    unanswered       users without an answer; with a schedule, requests
    due, behind      with a schedule: requests that were due, and those that the generator had not got to in time
    users_alive      users still running at the end; fewer than `users` means that some crashed
    cpu_seconds      of the servers' process tree, children that died included
    server_cpus      how many CPUs the servers might use
    apart            whether servers and generator had cores of their own; taken for true where a record does not know
    null_rate        requests a second that the generator reaches at a server that does nothing
    meter_seconds    between the two readings of the CPU
    generator_cpu_seconds  of the generator; with workers, of its busiest processor
    strangers_seconds      CPU seconds that others used on the servers' CPUs; None where that is not known
    pss_bytes        of the servers' tree as the window ended
    bytes            of the bodies of answers
    connections      TCP connections opened in the window
    in_flight, in_flight_mean  requests that were open at the window's end, and on average
    held_seconds     what the requests that ended in the window took together
    longest_gap      longest time in the window without an expected answer to anybody
    latency, page_latency      of answers and of whole pages; from when a request was due
    waiting          ages of the requests that were open at the window's end
    servers, machines  what each used of cpu_seconds and pss_bytes, by label and by name; what has lost the line to its server
                     is in none. None where the deployment does not tell, or all run on this machine
    carriers         CPU seconds of what carries the machines, such as wires: no part of cpu_seconds
    act_seconds      from the beginning of the first event to the end of the last; None where nothing happened to the servers
    events           what happened to them, in order, and what was seen of it
    samples          what was looked at over time
    drained          whether every connection was gone in time after the load
    time_wait        sockets in TIME_WAIT then
    turns, others    in a cross-check: the order of the generators, and what the others saw
    """

    arm: str
    point: Value | None
    seconds: Amount
    requests: Count
    pages: Count
    failures: Mapping[str, Count]
    unanswered: Count
    due: Count | None = None
    behind: Count | None = None
    users: Count
    users_alive: Count
    cpu_seconds: Amount
    server_cpus: Count
    apart: bool | None = None
    null_rate: Amount | None = field(default=None, metadata=NULL)
    meter_seconds: Amount
    generator_cpu_seconds: Amount
    lateness: Lateness
    workers: tuple[WorkerLoad, ...] | None = None
    strangers_seconds: Amount | None = field(default=None, metadata=NULL)
    pss_bytes: Count
    servers: Mapping[str, Used] | None = None
    machines: Mapping[str, Used] | None = None
    carriers: Mapping[str, Amount] | None = None
    bytes: Count
    connections: Count
    in_flight: Count
    in_flight_mean: Amount
    held_seconds: Amount
    longest_gap: Amount | None = None
    latency: Histogram
    page_latency: Histogram | None
    waiting: Histogram | None
    warmup: Warmup
    act_seconds: Amount | None = None
    events: tuple[Happened, ...] | None = None
    samples: Samples | None = None
    drained: bool
    time_wait: Count
    phases: Phases
    turns: tuple[str, ...] | None = None
    others: Mapping[str, OtherLoad] | None = None

    @property
    def failed(self) -> int:
        """Requests that failed, whatever the reason."""
        return sum(self.failures.values())

    @property
    def ended(self) -> int:
        """Requests that ended, well or not."""
        return self.requests + self.failed
