"""One run of one experiment: its blocks so far, how many there are to be, and what its record says besides."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.host import fingerprint, quiet
from benchmarks.judge import stopping
from benchmarks.judge.statistics import UndefinedError
from benchmarks.result.analysis import says_of
from benchmarks.result.cost import Cost
from benchmarks.result.point import block_ratio
from benchmarks.run import headroom, voiding
from benchmarks.run.progress import Progress
from benchmarks.run.trial import Placement, measure, place, usable_cpus
from benchmarks.store.records import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from benchmarks.load.process import Generator
    from benchmarks.plan.deployed import Deploy, Deployed
    from benchmarks.plan.experiment import Experiment, Point
    from benchmarks.plan.profiles import Profile
    from benchmarks.run.headroom import Headroom
    from benchmarks.run.session import Session
    from benchmarks.run.verify import Seen
    from benchmarks.trials.block import Block
    from benchmarks.trials.trial import Trial

HOPELESS = 3  # void blocks in a row, at the beginning, after which nothing else is to be expected


class Run:
    """One run of one experiment."""

    def __init__(
        self,
        experiment: Experiment,
        profile: Profile,
        seed: int,
        deploy: Deploy,
        say: Callable[[Progress], None],
        earlier: Mapping[str, Any] | None = None,
    ) -> None:
        self.experiment, self.profile, self.seed, self.deploy, self.say = experiment, profile, seed, deploy, say
        self.placement: Placement = place(experiment.pinned)
        self.generators: dict[str, Generator] = {}
        self.session: Session | None = None
        self.gauged_for: str | None = None  # the claim, where the generator was gauged for another
        self.blocks: list[Block] = []
        self.headroom: Headroom | None = None
        self.body = 0  # bytes of an answer of the server that does nothing; 0: the few that it has by itself
        self._plan: stopping.Plan | None = None
        self.configurations: dict[str, dict[str, str]] = {}
        self.described: dict[str, dict[str, Any]] = {}
        self.versions = fingerprint.versions()
        self.fingerprint = fingerprint.fingerprint()
        self.commit = fingerprint.commit()
        self.begun, self.at = time.monotonic(), datetime.now(UTC)
        self.cost = Cost(self._generating, earlier.get("cost") if earlier else None)
        self.went_on: list[str] = []
        if earlier:
            self.blocks = list(blocks_of(earlier))
            self.went_on = [*earlier.get("went_on", ()), self.at.isoformat(timespec="seconds")]
            self.begun, self.at = self.begun - earlier["seconds"], datetime.fromisoformat(earlier["recorded_at"])

    def settle(self) -> None:
        """Once, before anything: servers go to the quietest processor, after a while of waiting for a quiet moment."""
        self.placement = place(self.experiment.pinned, self._quiet().order())

    def calm(self) -> None:
        """Before a block: where the one before did not count, wait a while for a quiet moment on the same processors."""
        if self.blocks and self.blocks[-1].void is not None:
            self._quiet(self.placement.servers, self.placement.generator or ())

    def _quiet(self, servers: Collection[int] | None = None, others: Collection[int] = ()) -> quiet.Look:
        shaped = self.experiment.metric in voiding.OF_THE_GENERATOR
        seen = quiet.wait(self.profile.quiet, self._waits, servers=servers, others=others, generator=shaped)
        self.cost.enter("set up")
        return seen

    def _waits(self, line: str) -> None:
        self.enter("waiting", detail=line)

    def gauge(self) -> None:
        """Once, before the first block: what the generator reaches at a server that does nothing."""
        if self.session:
            claim, self.headroom = self.session.gauge(
                self.experiment.claim,
                self.experiment.workload,
                self.placement.servers,
                self.placement.generator,
                self.body,
            )
            self.gauged_for = claim if claim != self.experiment.claim else None
            return
        self.headroom = headroom.gauge(
            next(iter(self.generators.values())),
            self.experiment.workload,
            servers=self.placement.servers,
            own=self.placement.generator,
            seconds=self.profile.seconds,
            body=self.body,
        )

    def spread(self, workers: int) -> None:
        """Give the generator a CPU for each of its workers, as far as the servers leave some."""
        if workers and self.placement.apart:
            left = [cpu for cpu in usable_cpus() if cpu not in (self.placement.servers or ())]
            self.placement = dataclasses.replace(self.placement, generator=set(left[-workers:]))

    def _generating(self) -> list[int]:
        return [pid for each in self.generators.values() for pid in each.pids]

    @property
    def counted(self) -> list[Block]:
        return [block for block in self.blocks if block.void is None]

    def wanted(self) -> bool:
        """Whether another block is to run."""
        if len(self.blocks) >= HOPELESS and not self.counted:
            return False
        wanted = self.plan.blocks if self.plan else self.profile.blocks
        return len(self.counted) < wanted and len(self.blocks) < wanted + max(self.profile.extra, wanted // 5)

    @property
    def plan(self) -> stopping.Plan | None:
        """How many blocks there are to be, and why; None before the look, which comes once `profile.blocks` count."""
        if self._plan is None and len(self.counted) >= self.profile.blocks:
            self._plan = self._look()
        return self._plan

    def _look(self) -> stopping.Plan:
        least, experiment = self.profile.blocks, self.experiment.to_json()
        try:
            points = [
                [block_ratio(experiment, block.trials, point) for block in self.counted[:least]]
                for point in self.experiment.points
            ]
            return stopping.plan(
                points,
                matters=self.experiment.matters,
                least=least,
                most=self.profile.budget,
                says=says_of(self.experiment.claim),
            )
        except UndefinedError:  # a block without a ratio leaves the claim undecided, however many others there are
            return stopping.Plan(blocks=least, reason="budget")

    def add(self, block: Block) -> None:
        """A block is over, whatever became of it."""
        self.blocks.append(block)
        self.enter("done" if block.void is None else "void", detail=block.void)

    def cpus(self, arm: str, point: Point | None) -> set[int] | None:
        """CPUs of an arm's servers: what the experiment says of them, else as all are placed."""
        cpus: set[int] | None = self.experiment.options_at(arm, point).get("cpus", self.placement.servers)
        return cpus

    def trial(
        self,
        arm: str,
        point: Point | None,
        deployment: Deployed,
        *,
        seed: str,
        again: bool = False,
        warm: bool = False,
    ) -> Trial:
        """One window of one arm, whose servers run; `trial.measure`.

        again  whether these servers have been asked for this point before, so that they are warm
        warm   whether they have been asked for another
        """
        profile = self.profile.warm() if warm else self.profile
        generator = self.generators[arm if self.experiment.simultaneous else ""]
        generator.start()  # where an earlier trial went wrong, this is a new one; else it does nothing
        current = ["warm-up"]

        def on_phase(phase: str) -> None:
            current[0] = phase or current[0]
            self.enter(current[0], arm, point)

        return measure(
            deployment,
            generator,
            arm=arm,
            point=point,
            workload=self.experiment.workload_at(point),
            experiment=self.experiment,
            profile=self.profile.again() if again else profile,
            placement=dataclasses.replace(self.placement, servers=self.cpus(arm, point)),
            null_rate=self._null_rate(arm),
            seed=seed,
            on_phase=on_phase,
        )

    def _null_rate(self, arm: str) -> float | None:
        return self.headroom.rate(self.described.get(arm, {}).get("keepalive_seen")) if self.headroom else None

    def note(self, arm: str, deployment: Deployed) -> None:
        """What the record says of an arm besides its numbers."""
        if arm not in self.described:
            self.described[arm] = dict(deployment.describe())
            self.configurations[arm] = dict(deployment.configurations())
            for server, version in self.described[arm].get("servers", {}).items():
                self.versions[server] = str(version)

    def saw(self, arm: str, seen: Seen) -> None:
        """What an arm answered before its window."""
        self.described[arm]["keepalive_seen"] = seen.kept_alive

    def own(self) -> Mapping[str, Any]:
        """What the record of this kind of run says besides."""
        return {}

    def enter(self, phase: str, arm: str | None = None, point: Point | None = None, detail: str | None = None) -> None:
        self.cost.enter(phase)
        elapsed = time.monotonic() - self.begun
        finished = sum(block.seconds for block in self.blocks)
        wanted = self.plan.blocks if self.plan else self.profile.blocks
        missing = max(0, wanted - len(self.counted))
        left = None
        if self.blocks:
            within = elapsed - finished
            left = max(0.0, finished / len(self.blocks) * missing - max(0.0, within))
        self.say(
            Progress(
                claim=self.experiment.claim,
                phase=phase,
                block=min(len(self.counted) + (phase not in ("done", "void")), wanted),
                of=wanted,
                elapsed=elapsed,
                left=left,
                arm=arm,
                point=point,
                detail=detail,
                blocks=tuple(self.blocks),
            )
        )
