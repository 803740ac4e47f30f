"""One block: every arm on fresh servers, at every point of a sweep, in an order that is drawn."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.host import clocks, fingerprint
from benchmarks.plan.deployed import Deployed
from benchmarks.run import posting, voiding
from benchmarks.run.verify import Promise, verify
from benchmarks.trials.block import Block
from labs.errors import LabError, NotHere

if TYPE_CHECKING:
    from benchmarks.plan.experiment import Point
    from benchmarks.run.run import Run
    from benchmarks.trials.trial import Trial

Started = tuple[Deployed, dict[str, float]]  # the servers of one arm, and how long they took: phase -> seconds


class Measuring:
    """The number-th block of a run. Arms go one after the other, by turns, or all at once, as the experiment says."""

    def __init__(self, run: Run, number: int) -> None:
        self.run, self.experiment, self.number = run, run.experiment, number
        self._draw = random.Random(f"{run.seed}/{number}")
        self._order = self._draw.sample(list(run.experiment.arms), len(run.experiment.arms))
        self._trials: list[tuple[Trial, dict[str, float]]] = []  # each with the phases of its servers

    def measure(self) -> Block:
        """The block; `void` says what went wrong. Raises NotHere where this machine cannot run an arm."""
        begun, steal, why = clocks.now(), fingerprint.Steal(), None
        try:
            for measured in self._measured():
                self._trials.append(measured)
            why = self._objection()
        except NotHere:
            raise
        except LabError as error:
            why = str(error)
        ended, stolen = clocks.now(), steal.share()
        return Block(
            number=self.number,
            order=tuple(self._order),
            # what befell the machine comes first: whatever else went wrong in such a block follows from it
            void=voiding.machine(begun, ended, stolen) or why,
            # only now: the servers have stopped
            trials=tuple(replace(trial, phases=replace(trial.phases, **phases)) for trial, phases in self._trials),
            seconds=ended.steady - begun.steady,
            steal=stolen,
        )

    def _measured(self) -> Iterator[tuple[Trial, dict[str, float]]]:
        for stage in self._stages():
            if self.experiment.simultaneous or self.run.profile.turns > 1 or self._at_ease:
                yield from self._together(stage)
            else:
                yield from self._one_by_one(stage)

    @property
    def _at_ease(self) -> bool:
        """Whether the arms are started at once and stay up together, to save time."""
        return self.run.profile.together and self.experiment.stands_together

    def _one_by_one(self, stage: Point | None) -> Iterator[tuple[Trial, dict[str, float]]]:
        for arm in self._order:
            points = self._points(stage)
            with self._servers(arm, stage) as (deployment, phases):
                self._verify(arm, points, deployment, phases)
                for number, point in enumerate(points):
                    yield self._trial(arm, point, deployment, warm=number > 0), phases

    def _together(self, stage: Point | None) -> Iterator[tuple[Trial, dict[str, float]]]:
        with ExitStack() as running:
            started = self._started(stage, running)
            points = self._points(stage)
            for arm, (deployment, phases) in started.items():
                self._verify(arm, points, deployment, phases)
            measured = self._at_once if self.experiment.simultaneous else self._by_turns
            for number, point in enumerate(points):
                for trial in measured(point, started, number > 0):
                    yield trial, started[trial.arm][1]

    def _started(self, stage: Point | None, running: ExitStack) -> Mapping[str, Started]:
        """The servers of every arm; `running` stops them. One start after the other, unless time is to be saved."""
        if not self._at_ease:
            return {arm: running.enter_context(self._servers(arm, stage)) for arm in self._order}
        servers = {arm: self._servers(arm, stage) for arm in self._order}
        futures = {}
        try:
            with ThreadPoolExecutor(len(servers)) as threads:
                futures = {arm: threads.submit(each.__enter__) for arm, each in servers.items()}
        finally:  # also where one of them did not start, and after Ctrl+C
            for arm, future in futures.items():
                if not future.exception():
                    running.push(servers[arm])
        return {arm: future.result() for arm, future in futures.items()}

    def _by_turns(self, point: Point | None, started: Mapping[str, Started], warm: bool) -> Iterator[Trial]:
        for turn in range(self.run.profile.turns):
            for arm in self._draw.sample(self._order, len(self._order)):
                yield self._trial(arm, point, started[arm][0], turn, warm=warm)

    def _at_once(self, point: Point | None, started: Mapping[str, Started], warm: bool) -> Iterable[Trial]:
        with ThreadPoolExecutor(len(started)) as threads:
            futures = [
                threads.submit(self._trial, arm, point, deployment, warm=warm)
                for arm, (deployment, _phases) in started.items()
            ]
            try:
                return [future.result() for future in futures]
            except BaseException:
                for generator in self.run.generators.values():
                    generator.abort()  # so that the other threads end too, instead of being waited for
                raise

    def _trial(
        self, arm: str, point: Point | None, deployment: Deployed, turn: int = 0, *, warm: bool = False
    ) -> Trial:
        """With the same seed for every arm: they get the same readers. `warm`: its servers have had a window."""
        seed = f"{self.run.seed}/{self.number}/{point}" + (f"/{turn}" if turn else "")
        return self.run.trial(arm, point, deployment, seed=seed, again=turn > 0, warm=warm)

    def _stages(self) -> list[Point | None]:
        """The points that need servers of their own, in random order; (None,) where one start serves every point."""
        factor = self.experiment.factor
        if factor is None or factor.per == "workload":
            return [None]
        return self._draw.sample(factor.values, len(factor.values))

    def _points(self, stage: Point | None) -> list[Point | None]:
        points = self.experiment.points
        return [stage] if stage is not None else self._draw.sample(points, len(points))

    @contextmanager
    def _servers(self, arm: str, point: Point | None) -> Iterator[Started]:
        """Fresh servers of one arm; gone when the block leaves. Their log is read before."""
        self.run.enter("start", arm, point)
        phases, begun = {}, time.monotonic()
        options = self.experiment.options_at(arm, point) | {"cpus": self.run.cpus(arm, point)}
        deployment = self.run.deploy(self.experiment.arms[arm].deployment, **options)
        try:
            deployment.start()
            phases["start"] = time.monotonic() - begun
            self.run.note(arm, deployment)
            yield deployment, phases
            if not self.experiment.alerts and (alerts := deployment.alerts()):
                raise LabError(f"{arm}: {len(alerts)} unexpected lines in its log, the first: {alerts[0]}")
        finally:
            self.run.enter("stop", arm, point)
            stopping = time.monotonic()
            deployment.stop()
            phases["stop"] = time.monotonic() - stopping

    def _verify(self, arm: str, points: Sequence[Point | None], deployment: Deployed, phases: dict[str, float]) -> None:
        self.run.enter("verify", arm)
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
                seen, *_others = [verify(url, paths, self.experiment.expectation, promise) for url in deployment.urls]
            except LabError as error:
                raise LabError(f"{arm}: {error}") from error
            self.run.saw(arm, seen[0])
            if self.experiment.workload_at(point).posts:
                posting.verify(deployment.url)
        phases["verify"] = time.monotonic() - begun

    def _objection(self) -> str | None:
        for trial, _phases in self._trials:
            why = voiding.objection(trial, self.experiment, self.experiment.workload_at(trial.point))
            if why:
                at = "" if trial.point is None else f" at {trial.point}"
                return f"{trial.arm}{at}: {why}"
        return None
