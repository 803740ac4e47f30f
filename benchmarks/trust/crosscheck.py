"""The same arms under other generators: do wrk and ab find the ratio that we find?

A run is one of ours, block by block, on the same fresh servers and with the same number of connections; after its window,
or before, as a draw says, each of the others loads the same arm for as long. So a block holds the ratio of the arms under
each generator, and what is judged is the quotient of two such ratios: paired, as everything here.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.judge import statistics, verdict
from benchmarks.plan.workload import USERS, Closed
from benchmarks.run.blocks import run_experiment
from benchmarks.run.drain import PATIENCE as DRAINED
from benchmarks.run.drain import drain
from benchmarks.run.run import Run
from benchmarks.store.records import Record
from benchmarks.tables import Table
from benchmarks.trials.trial import OtherLoad, Trial
from benchmarks.trust import foreign
from benchmarks.trust.foreign import GENERATORS
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.judge.statistics import Interval
    from benchmarks.plan.deployed import Deploy, Deployed
    from benchmarks.plan.experiment import Experiment, Point
    from benchmarks.plan.profiles import Profile
    from benchmarks.run.progress import Progress

OURS = "Locust"
METRICS = {"CPU/request": "lower", "requests/s": "higher"}
# Two generators by two metrics are four looks: each at a level that leaves 5 % for all of them together.
LEVEL = 1 - 0.05 / (len(GENERATORS) * len(METRICS))
KNOWN = (
    "ab asks in HTTP/1.0: a server may close where it would keep an HTTP/1.1 connection open, and sends no chunks",
    "wrk sends one header, ab four, our users also Accept-Encoding: a server that compresses works more for ours",
    "wrk and ab read an answer's length and no more; Locust needs ten times their CPU time, so its rate is the first to end",
    "wrk hangs up with the last byte that was announced, before a server that closes begins to wait for it: Apache sleeps less",
)


class NotCheckableError(LabError):
    """An experiment whose users no other generator can be; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One generator's ratio of the arms beside ours, by one metric; above 1 speaks for the chapter.

    quotient  its ratio by ours, paired within blocks, with an interval at `LEVEL`
    """

    generator: str
    metric: str
    ours: Interval
    theirs: Interval
    quotient: Interval
    matters: float

    @property
    def agrees(self) -> bool | None:
        """By the rule of the verdicts: yes, when the whole interval of the quotient lies within what does not matter; no, when
        it leaves 1 out by more than that; None while it is too wide to tell."""
        match verdict.outcome(self.quotient, self.matters):
            case "no difference":
                return True
            case "open":
                return None
            case _:
                return False

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {**dataclasses.asdict(self), "agrees": self.agrees}


def adapt(experiment: Experiment) -> Experiment:
    """The experiment as other generators can carry it out: at the main point of a sweep, one page, nobody pauses.

    Raises NotCheckableError where its users do what only Locust can.
    """
    factor = experiment.factor
    if factor is not None:
        point = factor.main
        arms = {
            name: dataclasses.replace(arm, options=experiment.options_at(name, point))
            for name, arm in experiment.arms.items()
        }
        workload = experiment.workload_at(point)
        windows = {name: dataclasses.replace(window, points=None) for name, window in experiment.windows.items()}
        experiment = dataclasses.replace(experiment, factor=None, arms=arms, workload=workload, windows=windows)
    judged = {name: experiment.arms[name] for name in (experiment.favoured, experiment.against)}
    experiment = dataclasses.replace(experiment, arms=judged)
    workload = experiment.workload
    why = None
    if not isinstance(workload, Closed):
        why = "its requests come by a schedule"
    elif workload.pause is not None:
        why = "its users pause"
    elif workload.user_class != USERS["poll"] or len(workload.paths) > 1 or "{}" in workload.page:
        why = "its users ask for more than one page"
    elif experiment.simultaneous:
        why = "its arms run at the same time"
    elif experiment.expectation.status != 200 or experiment.expectation.failures:
        why = "some of its answers are meant to fail"
    elif any(arm.events for arm in experiment.arms.values()):
        why = "something is done to its servers within the window"
    if why:
        raise NotCheckableError(f"{experiment.claim} cannot be checked with wrk and ab: {why}.")
    return experiment


def crosscheck(
    experiment: Experiment,
    profile: Profile | str = "lesson",
    *,
    seed: int = 1,
    deploy: Deploy | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_record: Callable[[dict[str, Any]], object] | None = None,
    patience: float = 0.0,
) -> dict[str, Any]:
    """Measure, and give the record: one of ours, whose trials also hold what the others saw.

    Raises NotCheckableError, Missing for a generator or a server, and whatever `run_experiment` raises.
    """
    found = {name: each.version for name, each in GENERATORS.items()}  # a missing one is said before anything runs

    def named(record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "versions": {**record["versions"], **found}}

    def keep(record: dict[str, Any]) -> None:
        if on_record:
            on_record(named(record))

    return named(
        run_experiment(
            adapt(experiment),
            profile,
            seed=seed,
            deploy=deploy,
            on_progress=on_progress,
            on_record=keep,
            lock_patience=patience,
            kind=_Run,
        )
    )


class _Run(Run):
    """A run whose arms are also loaded by the others, in an order that is drawn for each."""

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
        turns = [OURS, *GENERATORS]
        random.Random(f"{seed}/generators").shuffle(turns)  # the same for every arm of the block
        ours: Trial | None = None
        seen: dict[str, OtherLoad] = {}
        for name in turns:
            if name == OURS:
                ours = super().trial(arm, point, deployment, seed=seed, again=again, warm=warm)
            else:
                self.enter("window", arm, point)
                seen[name] = self._theirs(GENERATORS[name], deployment, cold=name == turns[0])
        assert ours is not None
        return dataclasses.replace(ours, turns=tuple(turns), others=seen)

    def _theirs(self, other: foreign.Foreign, deployment: Deployed, *, cold: bool) -> OtherLoad:
        workload = self.experiment.workload
        url, cpus = deployment.url + workload.page, self.placement.generator
        if cold:  # the next ones find servers that are warm
            other.load(url, users=workload.users, seconds=self.profile.warmup, cpus=cpus)
        before = deployment.cpu_seconds()
        load = other.load(url, users=workload.users, seconds=self.profile.seconds, cpus=cpus)
        used = deployment.cpu_seconds() - before
        drained, _ = drain(deployment.url)
        if not drained:  # as after a window of ours
            raise LabError(f"{other.name}: its connections were still there {DRAINED:.0f} s after the load")
        if load.failures or not load.requests:
            raise LabError(f"{other.name}: {load.failures} requests failed, {load.requests} were answered")
        return OtherLoad(**dataclasses.asdict(load), cpu_seconds=used)


def agreements(record: Record) -> list[Agreement]:
    """What each of the other generators says, by both metrics. Raises UndefinedError when no block counts."""
    blocks = [{trial.arm: trial for trial in block.trials} for block in record.counted]
    found = []
    for metric in METRICS:
        ours = [_ratio(record, metric, {arm: _values(trial) for arm, trial in block.items()}) for block in blocks]
        for name in GENERATORS:
            theirs = [
                _ratio(record, metric, {arm: _values((trial.others or {})[name]) for arm, trial in block.items()})
                for block in blocks
            ]
            found.append(
                Agreement(
                    generator=name,
                    metric=metric,
                    ours=statistics.ratio_interval(ours),
                    theirs=statistics.ratio_interval(theirs),
                    quotient=statistics.ratio_interval(
                        [other / own for other, own in zip(theirs, ours, strict=True)], level=LEVEL
                    ),
                    matters=record.experiment["matters"],
                )
            )
    return found


def table(record: Record) -> Table:
    """A line for each generator and metric: both ratios, their quotient, and whether they agree."""
    found = agreements(record)
    rows = [
        [
            each.metric,
            each.generator,
            f"{words.number(each.ours.estimate)} ({words.spread(each.ours)})",
            f"{words.number(each.theirs.estimate)} ({words.spread(each.theirs)})",
            f"{words.number(each.quotient.estimate)} ({words.spread(each.quotient)})",
            {True: "yes", False: "no", None: "undecided"}[each.agrees],
        ]
        for each in found
    ]
    apart = [each for each in found if each.agrees is False]
    note = f"Ratios above 1 speak for the chapter. Intervals of the quotient are at {LEVEL:.2%}, 95 % for all together."
    if apart:
        note += "\nWhat is known to differ:" + "".join(f"\n  {line}" for line in KNOWN)
    header = ["metric", "generator", "our ratio", "its ratio", "its by ours", "agree"]
    return Table(header=header, rows=rows, note=note)


def _values(seen: Trial | OtherLoad) -> dict[str, float]:
    return {"CPU/request": seen.cpu_seconds / seen.requests, "requests/s": seen.requests / seen.seconds}


def _ratio(record: Record, metric: str, values: Mapping[str, Mapping[str, float]]) -> float:
    favoured, against = (values[record.experiment[side]][metric] for side in ("favoured", "against"))
    return against / favoured if METRICS[metric] == "lower" else favoured / against
