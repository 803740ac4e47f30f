"""One run of one claim: measured, kept after every block, and told while it goes on. The shell and notebooks share it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.judge.statistics import UndefinedError
from benchmarks.result import summary
from benchmarks.result.analysis import analyse
from benchmarks.result.narrowing import Narrowing
from benchmarks.store import records
from benchmarks.store.records import Record
from labs.own import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.plan.experiment import Experiment
    from benchmarks.plan.profiles import Profile
    from benchmarks.run.progress import Progress
    from benchmarks.run.session import Session
    from labs.own.changes import Watch
    from labs.site import Site


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a run says of itself, at every change.

    share  how much of it is done, 0 to 1
    text   one line, such as "block 7/10   off 7.8 pages/s   on 2.1 pages/s   ratio 3.7 (3.4 to 4.1)"
    left   an estimate of the seconds that remain, None while there is none
    over   a block has just ended, or what is waited for changed: worth a line of its own where lines cannot be rewritten
    narrowing  the ratio after each block so far; None while there is none
    """

    share: float
    text: str
    left: float | None = None
    over: bool = False
    narrowing: Narrowing | None = None

    def __str__(self) -> str:
        return self.text if self.left is None else f"{self.text}   {words.clock(self.left)} left"


@dataclass(kw_only=True)
class Waiting:
    """Turns what a run waits for into steps, once a second."""

    say: Callable[[Step], None]
    last: str = ""

    def __call__(self, line: str, waited: float = 0.0, patience: float | None = None) -> None:
        """patience: seconds that it waits at most for another measurement; None where the line says it."""
        text = line if patience is None else f"{line}; waited {words.clock(waited)} of at most {words.clock(patience)}"
        self.say(Step(share=0.0, text=text, over=line != self.last))
        self.last = line


@dataclass(kw_only=True)
class Teller:
    """Turns the progress of a run into steps: what each arm has come to, and the ratio so far."""

    experiment: Mapping[str, Any]
    say: Callable[[Step], None]
    last: tuple[int, str, Narrowing | None] = field(default=(0, "", None))
    why: str = ""  # of the void block before

    def __post_init__(self) -> None:
        self._waiting = Waiting(say=self.say)

    def __call__(self, progress: Progress) -> None:
        if progress.phase == "waiting":
            self._waiting(str(progress.detail), progress.elapsed, progress.patience)
            return
        over = progress.phase in ("done", "void")
        if len(progress.blocks) != self.last[0]:
            self.last = len(progress.blocks), *self._so_far(progress)
        counted = sum(block.void is None for block in progress.blocks)
        _, said, narrowing = self.last
        parts = [f"block {progress.block}/{progress.of}", said]
        if progress.phase == "void":
            why = str(progress.detail).partition("\n")[0]
            parts.append(
                "does not count, for the same reason" if why == self.why else f"does not count: {progress.detail}"
            )
            self.why = why
        elif not over:
            at = "" if progress.point is None else f" at {progress.point}"
            parts.append(f"{progress.arm}{at}: {progress.phase}" if progress.arm else progress.phase)
        text = "   ".join(part for part in parts if part)
        share = min(counted / progress.of, 1.0)
        self.say(Step(share=share, text=text, left=progress.left, over=over, narrowing=narrowing))

    def _so_far(self, progress: Progress) -> tuple[str, Narrowing | None]:
        try:
            analysis = analyse(summary.partial(self.experiment, progress.blocks))
        except UndefinedError:
            return "", None  # no block counts yet, or one has no ratio: the end says why
        return summary.so_far(analysis), Narrowing.from_analysis(analysis, progress.of)


def measure(
    experiment: Experiment | Behaviour,
    *,
    folder: Path,
    profile: str | Profile = "lesson",
    seed: int = 1,
    say: Callable[[Step], None],
    site: Site | None = None,
    page: str = "/",
    patience: float = 0.0,
    earlier: Record | None = None,
    workers: int = 0,
    start_timeout: float | None = None,
    watch: Callable[[], Watch] | None = None,
    session: Session | None = None,
    short: int = 0,
) -> Record:
    """Measure, and write the record into `folder` after every block, so that what is finished survives Ctrl+C.

    site, page  the reader's own project and the path that is asked for there; the newsroom without
    patience    seconds to wait for another measurement on this machine to end
    earlier     an interrupted run, to go on from its finished blocks with its profile, seed and workers
    start_timeout  seconds that the servers of an arm and their first page may take; None for the usual
    workers     as many processes of this machine share the generator's work; 0 for one process. A behaviour has no load
    short       as many blocks of the shape of a smoke run are measured after it, for the record of the book
    session     what short runs share, where there are several
    watch       begins to look at the reader's own folders: a change there makes every block void

    Raises Missing when a server is not on this machine, OtherRunError when `earlier` cannot be gone on from, other LabErrors
    when nothing could be measured.
    """
    from benchmarks.host.lock import HostLock
    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.run import blocks, looking, resuming  # imported here: they bring psutil and the servers

    watching = watch() if watch else None
    deploy: Any = None
    kind: Any = None
    extra: dict[str, Any] = {}
    described: dict[str, Any] | None = None
    if site is not None:
        from benchmarks.plan import ownsite
        from benchmarks.run.site import SiteRun

        experiment, deploy = ownsite.adapt(experiment, page, site), ownsite.deployer(site)
        described = ownsite.described(site, page)
        kind = functools.partial(SiteRun, site=described)

    if start_timeout is not None:
        from labs import deploy as launch

        deploy = functools.partial(deploy or launch, start_timeout=start_timeout)
    if earlier is not None:
        workers = generators(earlier)
    if workers and not isinstance(experiment, Behaviour):
        extra["workers"] = {"count": workers, "where": "this machine"}

    # The book's own record is replaced by a whole run alone; its parts are kept where every other run's are.
    parts = records.new_folder() if folder == records.REFERENCE else folder

    def keep(part: Mapping[str, Any]) -> None:
        records.write({**part, **extra, **touched(part, watching.changed() if watching else [])}, parts)

    if isinstance(experiment, Behaviour):
        what = f"{experiment.claim}, {_name(profile)}"
        tell = Waiting(say=say)
        with HostLock(what, patience=patience, shared=True, on_wait=lambda w: tell(w.line, w.waited, w.patience)):
            say(Step(share=0.0, text="looking"))
            data = looking.run_behaviour(experiment, profile, **({"deploy": deploy} if deploy else {}))
    else:
        if earlier is not None:
            resuming.check(earlier, experiment, deploy, described)
            profile, seed = earlier.profile, int(earlier.data["seed"])
        teller = Teller(experiment=experiment.narrowed(_name(profile)).to_json(), say=say)
        data = blocks.run_experiment(
            experiment,
            profile,
            seed=seed,
            deploy=deploy,
            lock_patience=patience,
            on_progress=teller,
            on_record=keep,
            earlier=earlier.data if earlier else None,
            workers=workers,
            kind=kind,
            session=session,
        )
        if short and data["stopped"] != "not over":
            from benchmarks.run import short as shorter

            data["short"] = shorter.measure(experiment, blocks=short, seed=seed, patience=patience, say=teller)
    data = {**data, **extra, **touched(data, watching.changed() if watching else [])}
    return Record(data=data, path=records.write(data, folder))


def touched(data: Mapping[str, Any], names: list[str] | None) -> dict[str, Any]:
    """What becomes of a record while whose run a reader's own files changed: no block of it counts, and the files are named."""
    if not names:
        return {}
    why = changes.described(names)
    return {"changed": names, "blocks": [{**block, "void": block["void"] or why} for block in data.get("blocks", [])]}


def generators(record: Record) -> int:
    """How many workers shared the generator's work when it was made; 0 where one process did it all."""
    return int(record.data.get("workers", {}).get("count", 0))


def _name(profile: str | Profile) -> str:
    return profile if isinstance(profile, str) else profile.name
