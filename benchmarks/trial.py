"""One trial: an arm under load for one window, and whether it may count."""

from __future__ import annotations

import dataclasses
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.act import Act
from benchmarks.drain import drain
from benchmarks.limiter import GENERATOR_LIMIT
from benchmarks.meter import Deployed, Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.experiment import Experiment, Point
    from benchmarks.load import Generator
    from benchmarks.profiles import Profile
    from benchmarks.workload import Workload

ACT_AT = 1 / 3  # share of the window after which an arm's `during` begins
LITTLE = 0.10  # tolerance of Little's law
LATE = 0.050  # seconds: the generator's own alarm may ring this much too late, at the 99th percentile
SKEW = 0.05  # of the window, and at least a tenth of a second: how far reading the CPU times may miss its ends

Ratio = (
    "pages_per_second",
    "latency_p50",
    "latency_p95",
    "latency_p99",
)  # metrics that the generator's own speed shapes
Standing = ("pss", "unanswered")  # metrics that have a value where nobody got an answer


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which CPUs the servers and the generator are held to; None leaves them to the kernel."""

    servers: set[int] | None
    generator: set[int] | None

    @property
    def server_cpus(self) -> int:
        """How many CPUs the servers may use."""
        return len(self.servers) if self.servers else len(usable_cpus())


def usable_cpus() -> list[int]:
    """CPUs that this process may use; on systems that do not say, all of them."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def place(pinned: bool) -> Placement:
    """Servers on the first CPU, generator on the second, where there are two and the system can hold a process to one."""
    cpus = usable_cpus()
    if not pinned or len(cpus) < 2 or not hasattr(os, "sched_setaffinity"):
        return Placement(servers=None, generator=None)
    return Placement(servers={cpus[0]}, generator={cpus[1]})


def measure(
    deployment: Deployed,
    generator: Generator,
    *,
    arm: str,
    point: Point | None,
    workload: Workload,
    experiment: Experiment,
    profile: Profile,
    placement: Placement,
    seed: str,
    on_phase: Callable[[str], None],
) -> dict[str, Any]:
    """Warm-up, window and drain of one arm at one point, as the record's TRIAL (`phases` is completed by the block)."""
    meter, begun = Meter.of(deployment), time.monotonic()
    act = Act(experiment.arms[arm].during, deployment, after=ACT_AT * profile.seconds)

    def begin(_at: float) -> None:
        meter.begin()
        act.begin()
        on_phase("window")

    on_phase("warm-up")
    with act:
        load = generator.trial(
            deployment.url,
            workload,
            warmup=profile.warmup,
            window=profile.seconds,
            seed=seed,
            expectation=experiment.expectation,
            cpus=placement.generator,
            on_begin=begin,
            on_end=meter.end,
            on_wait=lambda: on_phase(""),
        )
    on_phase("drain")
    draining = time.monotonic()
    drained, time_wait = drain(deployment.url)
    return {
        "arm": arm,
        "point": point,
        "seconds": load.seconds,
        "requests": load.requests,
        "pages": load.pages,
        "failures": dict(load.failures),
        "unanswered": load.unanswered,
        "users": load.users,
        "users_alive": load.users_alive,
        "cpu_seconds": max(0.0, meter.cpu_seconds),
        "server_cpus": placement.server_cpus,
        "meter_seconds": meter.seconds,
        "generator_cpu_seconds": load.cpu_seconds,
        "lateness": dataclasses.asdict(load.lateness),
        "pss_bytes": meter.pss_bytes,
        "bytes": load.bytes,
        "connections": load.connections,
        "in_flight": load.in_flight,
        "in_flight_mean": load.in_flight_mean,
        "held_seconds": load.held_seconds,
        "longest_gap": load.longest_gap,
        "latency": load.latency,
        "page_latency": load.page_latency,
        "waiting": load.waiting,
        "warmup": dict(load.warmup),
        **({"act_seconds": act.seconds} if act.seconds is not None else {}),
        "drained": drained,
        "time_wait": time_wait,
        "phases": {
            "warmup": load.begin - begun,
            "load": load.seconds,
            "drain": time.monotonic() - draining,
        },
    }


def objection(trial: Mapping[str, Any], experiment: Experiment, workload: Workload) -> str | None:
    """Why a trial may not count, by rules written before it ran; None where it may."""
    unexpected = experiment.expectation.unexpected(trial["failures"])
    if unexpected:
        return "unexpected failures: " + ", ".join(f"{count} times {reason}" for reason, count in unexpected.items())
    if trial["users_alive"] < trial["users"]:
        return f"{trial['users'] - trial['users_alive']} of {trial['users']} users ended before the window did"
    if trial.get("act_seconds", 0.0) > (1 - ACT_AT) * trial["seconds"]:
        return f"what was done to it took {trial['act_seconds']:.1f} s, and was not over when the window of {trial['seconds']:.1f} s was"
    if not trial["requests"] and experiment.metric not in Standing:
        return "not one answer in the window: it is shorter than the pauses, or than one answer takes"
    if abs(trial["meter_seconds"] - trial["seconds"]) > max(0.1, SKEW * trial["seconds"]):
        return f"CPU times were read over {trial['meter_seconds']:.2f} s for a window of {trial['seconds']:.2f} s: this machine is too busy"
    if experiment.metric in Ratio:
        share = trial["generator_cpu_seconds"] / trial["seconds"]
        if share >= GENERATOR_LIMIT:
            return f"limited by the generator: it used {share:.0%} of its processor ({GENERATOR_LIMIT:.0%} are allowed)"
        if trial["lateness"]["p99"] > LATE:
            return f"the generator woke up to {trial['lateness']['p99'] * 1000:.0f} ms late: something else ran on its processor"
    return _little(trial, workload)


def crowded(trials: Sequence[Mapping[str, Any]], cpus: int) -> str | None:
    """Why arms that ran at the same time may not be compared: that is fair only while half of the machine is idle."""
    used = sum((trial["cpu_seconds"] + trial["generator_cpu_seconds"]) / trial["seconds"] for trial in trials)
    if used > cpus / 2:
        return f"arms at the same time used {used:.2f} of {cpus} processors together; at most half is allowed"
    return None


def _little(trial: Mapping[str, Any], workload: Workload) -> str | None:
    """Little's law, for users without pauses: requests in flight = rate x mean latency.

    Users that were never served hold a request open all the time without ever counting in a latency, so they are taken
    out first. In a window of less than ten latencies the ends weigh too much to judge.
    """
    ended = trial["requests"] + sum(trial["failures"].values())
    if workload.pause is not None or not ended or trial["held_seconds"] / ended > trial["seconds"] / 10:
        return None
    expected, seen = trial["held_seconds"] / trial["seconds"], trial["in_flight_mean"] - trial["unanswered"]
    if abs(expected - seen) <= LITTLE * max(expected, seen) + 0.5:
        return None
    return f"Little's law fails: {seen:.1f} requests in flight, but rate x latency is {expected:.1f}"
