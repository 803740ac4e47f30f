"""Run an experiment: blocks of arms in random order, each on fresh servers."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks import clocks, fingerprint, headroom, profiles, stopping, voiding
from benchmarks.analysis import block_ratio, says_of
from benchmarks.cost import Cost
from benchmarks.load import Generator
from benchmarks.lock import HostLock
from benchmarks.meter import Deployed
from benchmarks.progress import Progress
from benchmarks.statistics import UndefinedError
from benchmarks.trial import Placement, measure, place
from benchmarks.verify import Promise, verify
from benchmarks.writing import written
from labs.errors import LabError, NotHere

if TYPE_CHECKING:
    from benchmarks.experiment import Experiment, Point
    from benchmarks.headroom import Headroom
    from benchmarks.profiles import Profile

EXTRA = 3  # blocks that may be repeated because others were void, and one more for each further five
HOPELESS = 3  # void blocks in a row, at the beginning, after which nothing else is to be expected

Deploy = Callable[..., Deployed]


def run_experiment(
    experiment: Experiment,
    profile: Profile | str = "lesson",
    *,
    seed: int = 1,
    deploy: Deploy | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_record: Callable[[dict[str, Any]], None] | None = None,
    lock_patience: float = 0.0,
    earlier: Mapping[str, Any] | None = None,
    kind: type[Run] | None = None,
) -> dict[str, Any]:
    """Measure, and give the record.

    profile        smoke, lesson or reference; the experiment may have windows of its own for it
    seed           of the orders of arms and of what the users do; recorded
    deploy         as `labs.deploy`, which it is by default
    on_progress    called at every change, and some four times a second within a window
    on_record      called with the record so far after every block: what is finished survives Ctrl+C
    lock_patience  seconds to wait for another measurement on this machine
    earlier        the record of the same run, interrupted: its blocks are finished (`resuming` says whether they may be)
    kind           a Run that does more in a trial, as a cross-check does

    Raises Missing when a server is not on this machine, BusyError when another run is measuring. Anything that goes
    wrong within a block makes the block void, with the reason (`voiding`); void blocks are repeated, a few at most. How
    many blocks count in the end is said by `stopping`.
    """
    chosen = (profiles.get(profile) if isinstance(profile, str) else profile).for_experiment(experiment)
    experiment = experiment.narrowed(chosen.name)
    say = on_progress or (lambda _progress: None)

    def wait(line: str) -> None:
        of = chosen.blocks
        say(Progress(claim=experiment.claim, phase="waiting", block=0, of=of, elapsed=0.0, left=None, detail=line))

    with HostLock(f"{experiment.claim}, {chosen.name}", patience=lock_patience, on_wait=wait):
        run = (kind or Run)(experiment, chosen, seed, deploy or _deploy(), say, earlier)
        with ExitStack() as generators:
            for arm in experiment.arms if experiment.simultaneous else [""]:
                run.generators[arm] = generators.enter_context(Generator())
            run.gauge()
            while run.wanted():
                run.block()
                if on_record:
                    on_record(written(run))
        return written(run)


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
        self.blocks: list[dict[str, Any]] = []
        self.headroom: Headroom | None = None
        self._plan: stopping.Plan | None = None
        self.phases: list[tuple[dict[str, Any], dict[str, float]]] = []  # trials of the block, and of their servers
        self.configurations: dict[str, dict[str, str]] = {}
        self.described: dict[str, dict[str, Any]] = {}
        self.versions = fingerprint.versions()
        self.fingerprint = fingerprint.fingerprint()
        self.commit = fingerprint.commit()
        self.begun, self.at = time.monotonic(), datetime.now(UTC)
        self.cost = Cost(self._generating, earlier.get("cost") if earlier else None)
        self.went_on: list[str] = []
        if earlier:
            self.blocks = list(earlier["blocks"])
            self.went_on = [*earlier.get("went_on", ()), self.at.isoformat(timespec="seconds")]
            self.begun, self.at = self.begun - earlier["seconds"], datetime.fromisoformat(earlier["recorded_at"])

    def gauge(self) -> None:
        """Once, before the first block: what the generator reaches at a server that does nothing."""
        self.headroom = headroom.gauge(
            next(iter(self.generators.values())),
            self.experiment.workload,
            servers=self.placement.servers,
            own=self.placement.generator,
            seconds=self.profile.seconds,
        )

    def _generating(self) -> list[int]:
        return [each.process.pid for each in self.generators.values() if each.process]

    @property
    def counted(self) -> list[dict[str, Any]]:
        return [block for block in self.blocks if block["void"] is None]

    def wanted(self) -> bool:
        """Whether another block shall run."""
        if len(self.blocks) >= HOPELESS and not self.counted:
            return False
        wanted = self.plan.blocks if self.plan else self.profile.blocks
        return len(self.counted) < wanted and len(self.blocks) < wanted + max(EXTRA, wanted // 5)

    @property
    def plan(self) -> stopping.Plan | None:
        """How many blocks there shall be, and why; None before the look, which comes once `profile.blocks` count."""
        if self._plan is None and len(self.counted) >= self.profile.blocks:
            self._plan = self._look()
        return self._plan

    def _look(self) -> stopping.Plan:
        least, experiment = self.profile.blocks, self.experiment.to_json()
        try:
            points = [
                [block_ratio(experiment, block["trials"], point) for block in self.counted[:least]]
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

    def block(self) -> None:
        """Every arm once, at every point; appended whatever becomes of it, unless interrupted."""
        number = len(self.blocks) + 1
        draw = random.Random(f"{self.seed}/{number}")
        order = draw.sample(list(self.experiment.arms), len(self.experiment.arms))
        block: dict[str, Any] = {"number": number, "order": order, "void": None, "trials": [], "seconds": 0.0}
        begun, steal, self.phases = clocks.now(), fingerprint.Steal(), []
        try:
            if self.experiment.simultaneous:
                self._together(block, draw)
            else:
                self._in_turn(block, draw)
            block["void"] = self._objection(block)
        except NotHere:
            raise
        except LabError as error:
            block["void"] = str(error)
        for trial, phases in self.phases:  # only now: the servers have stopped
            trial["phases"] = {**phases, **trial["phases"]}
        ended = clocks.now()
        block["seconds"], block["steal"] = ended.steady - begun.steady, steal.share()
        # what befell the machine comes first: whatever else went wrong in such a block follows from it
        block["void"] = voiding.machine(begun, ended, block["steal"]) or block["void"]
        self.blocks.append(block)
        self._say("done" if block["void"] is None else "void", detail=block["void"])

    def _in_turn(self, block: dict[str, Any], draw: random.Random) -> None:
        for point in self._stages(draw):
            for arm in block["order"]:
                points = self._points(point, draw)
                with self._servers(arm, point) as (deployment, phases):
                    self._verify(arm, points, deployment, phases)
                    for each in points:
                        trial = self._trial(block, arm, each, deployment, self.generators[""])
                        block["trials"].append(trial)
                        self.phases.append((trial, phases))

    def _together(self, block: dict[str, Any], draw: random.Random) -> None:
        for point in self._stages(draw):
            with ExitStack() as running:
                started = {arm: running.enter_context(self._servers(arm, point)) for arm in block["order"]}
                points = self._points(point, draw)
                for arm, (deployment, phases) in started.items():
                    self._verify(arm, points, deployment, phases)
                for at in points:
                    for trial in self._at_once(block, at, started):
                        block["trials"].append(trial)
                        self.phases.append((trial, started[trial["arm"]][1]))

    def _at_once(
        self, block: dict[str, Any], point: Point | None, started: Mapping[str, tuple[Deployed, dict[str, float]]]
    ) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(len(started)) as threads:
            futures = [
                threads.submit(self._trial, block, arm, point, deployment, self.generators[arm])
                for arm, (deployment, _phases) in started.items()
            ]
            try:
                return [future.result() for future in futures]
            except BaseException:
                for generator in self.generators.values():
                    generator.abort()  # so that the other threads end too, instead of being waited for
                raise

    def _stages(self, draw: random.Random) -> list[Point | None]:
        """The points that need servers of their own, in random order; (None,) where one start serves every point."""
        factor = self.experiment.factor
        if factor is None or factor.per == "workload":
            return [None]
        return draw.sample(factor.values, len(factor.values))

    def _points(self, stage: Point | None, draw: random.Random) -> list[Point | None]:
        points = self.experiment.points
        return [stage] if stage is not None else draw.sample(points, len(points))

    @contextmanager
    def _servers(self, arm: str, point: Point | None) -> Iterator[tuple[Deployed, dict[str, float]]]:
        """Fresh servers of one arm; gone when the block leaves. Their log is read before."""
        self._say("start", arm, point)
        phases, begun = {}, time.monotonic()
        options = self.experiment.options_at(arm, point) | {"cpus": self._cpus(arm, point)}
        deployment = self.deploy(self.experiment.arms[arm].deployment, **options)
        try:
            deployment.start()
            phases["start"] = time.monotonic() - begun
            self._note(arm, deployment)
            yield deployment, phases
            if not self.experiment.alerts and (alerts := deployment.alerts()):
                raise LabError(f"{arm}: {len(alerts)} unexpected lines in its log, the first: {alerts[0]}")
        finally:
            self._say("stop", arm, point)
            stopping = time.monotonic()
            deployment.stop()
            phases["stop"] = time.monotonic() - stopping

    def _cpus(self, arm: str, point: Point | None) -> set[int] | None:
        """CPUs of an arm's servers: what the experiment says of them, else as all are placed."""
        cpus: set[int] | None = self.experiment.options_at(arm, point).get("cpus", self.placement.servers)
        return cpus

    def _verify(self, arm: str, points: Sequence[Point | None], deployment: Deployed, phases: dict[str, float]) -> None:
        self._say("verify", arm)
        begun, side = time.monotonic(), self.experiment.arms[arm]
        for point in points:
            promise = Promise(
                server=side.server,
                keepalive=side.keeps_alive(self.experiment.options_at(arm, point)),
                headers=side.headers,
                cached=side.cached,
            )
            paths = self.experiment.workload_at(point).samples
            try:
                seen = verify(deployment.url, paths, self.experiment.expectation, promise)
            except LabError as error:
                raise LabError(f"{arm}: {error}") from error
            self.described[arm]["keepalive_seen"] = seen[0].kept_alive
        phases["verify"] = time.monotonic() - begun

    def _trial(
        self, block: dict[str, Any], arm: str, point: Point | None, deployment: Deployed, generator: Generator
    ) -> dict[str, Any]:
        generator.start()  # where an earlier trial went wrong, this is a new one; else it does nothing
        current = ["warm-up"]

        def on_phase(phase: str) -> None:
            current[0] = phase or current[0]
            self._say(current[0], arm, point)

        return measure(
            deployment,
            generator,
            arm=arm,
            point=point,
            workload=self.experiment.workload_at(point),
            experiment=self.experiment,
            profile=self.profile,
            placement=dataclasses.replace(self.placement, servers=self._cpus(arm, point)),
            null_rate=self.headroom.null_rate if self.headroom else None,
            seed=f"{self.seed}/{block['number']}/{point}",  # the same for every arm: they get the same readers
            on_phase=on_phase,
        )

    def _objection(self, block: dict[str, Any]) -> str | None:
        for trial in block["trials"]:
            why = voiding.objection(trial, self.experiment, self.experiment.workload_at(trial["point"]))
            if why:
                at = "" if trial["point"] is None else f" at {trial['point']}"
                return f"{trial['arm']}{at}: {why}"
        if not self.experiment.simultaneous:
            return None
        cpus = self.fingerprint["cpus_usable"] or 1
        at_once = ([trial for trial in block["trials"] if trial["point"] == at] for at in self.experiment.points)
        return next((why for trials in at_once if (why := voiding.crowded(trials, cpus))), None)

    def _note(self, arm: str, deployment: Deployed) -> None:
        """What the record says of an arm besides its numbers."""
        if arm not in self.described:
            self.described[arm] = dict(deployment.describe())
            self.configurations[arm] = dict(deployment.configurations())
            for server, version in self.described[arm].get("servers", {}).items():
                self.versions[server] = str(version)

    def _say(self, phase: str, arm: str | None = None, point: Point | None = None, detail: str | None = None) -> None:
        self.cost.enter(phase)
        elapsed = time.monotonic() - self.begun
        finished = sum(block["seconds"] for block in self.blocks)
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


def _deploy() -> Deploy:
    from labs import deploy

    return deploy
