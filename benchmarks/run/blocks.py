"""Run an experiment: block after block, until there are enough of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.host.lock import HostLock, Wait
from benchmarks.plan import profiles
from benchmarks.run.block import Measuring
from benchmarks.run.progress import Progress
from benchmarks.run.run import Run
from benchmarks.run.session import Session
from benchmarks.run.writing import written
from labs.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.plan.deployed import Deploy
    from benchmarks.plan.experiment import Experiment
    from benchmarks.plan.profiles import Profile


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
    kind: Callable[..., Run] | None = None,
    workers: int = 0,
    session: Session | None = None,
) -> dict[str, Any]:
    """Measure, and give the record.

    profile        smoke, lesson or reference; the experiment may have windows of its own for it
    seed           of the orders of arms and of what the users do; recorded
    deploy         as `labs.deploy`, which it is by default
    on_progress    called at every change, and some four times a second within a window
    on_record      called with the record so far after every block: what is finished survives Ctrl+C
    lock_patience  seconds to wait for another measurement on this machine
    earlier        the record of the same run, interrupted: its blocks are finished (`resuming` says whether they may be)
    kind           makes a Run that does more, as a cross-check does in a trial, and a reader's own site before the first block
    workers        as many processes of this machine share the generator's work; 0 for one process and no sharing
    session        what this run shares with others, where it is a short one; None: nothing

    Raises Missing when a server is not on this machine, BusyError when another run is measuring. Anything that goes
    wrong within a block makes the block void, with the reason (`voiding`); void blocks are repeated, a few at most. How
    many blocks count in the end is said by `stopping`.
    """
    chosen = (profiles.get(profile) if isinstance(profile, str) else profile).for_experiment(experiment)
    experiment = experiment.narrowed(chosen.name)
    if workers and experiment.simultaneous:
        raise OptionError(
            f"{experiment.claim}: its arms run at once, each with a generator of its own; leave --workers out"
        )
    say = on_progress or (lambda _progress: None)

    def wait(seen: Wait) -> None:
        say(
            Progress(
                claim=experiment.claim,
                phase="waiting",
                block=0,
                of=chosen.blocks,
                elapsed=seen.waited,
                left=None,
                detail=seen.line,
                patience=seen.patience,
            )
        )

    with HostLock(f"{experiment.claim}, {chosen.name}", patience=lock_patience, on_wait=wait):
        run = (kind or Run)(experiment, chosen, seed, deploy or _deploy(), say, earlier)
        run.settle()
        run.spread(workers)
        with ExitStack() as stack:
            names = list(experiment.arms) if experiment.simultaneous else [""]
            if session and chosen.together:
                run.session = session
            shared = run.session or stack.enter_context(Session(workers))
            run.generators = dict(zip(names, shared.generators(len(names)), strict=True))
            run.cost.begin()
            run.gauge()
            while run.wanted():
                run.calm()
                run.add(Measuring(run, len(run.blocks) + 1).measure())
                if on_record:
                    on_record(written(run))
        return written(run)


def _deploy() -> Deploy:
    from labs import deploy

    return deploy
