"""One trial: an arm under load for one window. Whether it may count is said in `voiding`."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.host.machine import siblings
from benchmarks.load.marks import answers
from benchmarks.plan.deployed import Deployed
from benchmarks.run.drain import drain
from benchmarks.run.meter import Meter
from benchmarks.run.sampler import Sampler
from benchmarks.run.timeline import Timeline
from benchmarks.trials.trial import Phases, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.load.process import Generator
    from benchmarks.plan.experiment import Experiment, Point
    from benchmarks.plan.profiles import Profile
    from benchmarks.plan.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which CPUs the servers and the generator are held to; None leaves them to the kernel."""

    servers: set[int] | None
    generator: set[int] | None

    @property
    def server_cpus(self) -> int:
        """How many CPUs the servers may use."""
        return len(self.servers) if self.servers else len(usable_cpus())

    @property
    def apart(self) -> bool:
        """Whether servers and generator have cores of their own, so that neither takes time from the other.

        Two hardware threads of one core are no two CPUs in this: what one does slows the other.
        """
        if not self.servers or not self.generator:
            return False
        return not any(siblings(cpu) & self.generator for cpu in self.servers)


def usable_cpus() -> list[int]:
    """CPUs that this process may use; on systems that do not say, all of them."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def place(pinned: bool, order: Sequence[int] = ()) -> Placement:
    """Servers on the first CPU, generator on the next of another core, where the system can hold a process to one.

    Where all CPUs are hardware threads of one core, the generator has the second, and the two are not `apart`.

    order  the usable CPUs, the quietest first; as they are numbered where nobody looked
    """
    cpus = list(order) or usable_cpus()
    if not pinned or len(cpus) < 2 or not hasattr(os, "sched_setaffinity"):
        return Placement(servers=None, generator=None)
    elsewhere = [cpu for cpu in cpus[1:] if cpu not in siblings(cpus[0])]
    return Placement(servers={cpus[0]}, generator={(elsewhere or cpus[1:])[0]})


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
    null_rate: float | None,
    seed: str,
    on_phase: Callable[[str], None],
) -> Trial:
    """Warm-up, window and drain of one arm at one point; its `phases` are completed by the block.

    null_rate  requests a second that the generator reaches at a server that does nothing (`headroom`)
    """
    alone = placement.apart and not experiment.simultaneous  # else the other arms' servers would be strangers
    meter, begun = Meter.of(deployment, placement.servers if alone else None), time.monotonic()
    events = experiment.arms[arm].events
    timeline = Timeline(events, deployment, window=profile.seconds)
    sampler = Sampler(experiment.watch, deployment, window=profile.seconds)

    def begin(at: float) -> None:
        meter.begin()
        timeline.begin(at)
        sampler.begin(at)
        on_phase("window")

    def end(at: float) -> None:
        sampler.end()
        meter.end(at)

    on_phase("warm-up")
    with sampler, timeline:
        load = generator.trial(
            deployment.urls,
            workload,
            warmup=profile.warmup,
            window=profile.seconds,
            seed=seed,
            expectation=experiment.expectation,
            cpus=placement.generator,
            marks=bool(events),
            on_begin=begin,
            on_end=end,
            on_wait=lambda: on_phase(""),
        )
    on_phase("drain")
    draining = time.monotonic()
    drained, time_wait = drain(*deployment.urls)
    return Trial(
        arm=arm,
        point=point,
        seconds=load.seconds,
        requests=load.requests,
        pages=load.pages,
        failures=load.failures,
        unanswered=load.unanswered,
        due=load.due,
        behind=None if load.due is None else load.behind,
        users=load.users,
        users_alive=load.users_alive,
        cpu_seconds=max(0.0, meter.cpu_seconds),
        server_cpus=placement.server_cpus,
        apart=placement.apart,
        null_rate=null_rate,
        meter_seconds=meter.seconds,
        generator_cpu_seconds=load.cpu_seconds,
        lateness=load.lateness,
        workers=load.workers or None,
        strangers_seconds=meter.strangers,
        pss_bytes=meter.pss_bytes,
        servers=meter.servers,
        machines=meter.machines,
        carriers=meter.carriers,
        bytes=load.bytes,
        connections=load.connections,
        in_flight=load.in_flight,
        in_flight_mean=load.in_flight_mean,
        held_seconds=load.held_seconds,
        longest_gap=load.longest_gap,
        latency=load.latency,
        page_latency=load.page_latency,
        waiting=load.waiting,
        warmup=load.warmup,
        act_seconds=timeline.seconds,
        events=timeline.happened(load.begin, load.seconds, answers(load.marks or {})),
        samples=sampler.samples,
        drained=drained,
        time_wait=time_wait,
        phases=Phases(warmup=load.begin - begun, load=load.seconds, drain=time.monotonic() - draining),
    )
