"""Is it the same verdict each time? Claims are measured again and again, and what came out is counted.

With a noisy neighbour too (`noise`): that is what most machines are like. Each run has a seed of its own, so neither the order
of the arms nor what the users do is the same twice. What the runs came to: `agreement`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import experiments
from benchmarks.codec import WrongError, decode, encode
from benchmarks.host import fingerprint
from benchmarks.host.lock import HostLock
from benchmarks.host.source import code
from benchmarks.result.scorecard import result
from benchmarks.run.progress import lines
from benchmarks.store import journal
from benchmarks.store.records import Record
from benchmarks.trust.noise import Neighbour

if TYPE_CHECKING:
    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.plan.experiment import Experiment
    from benchmarks.run.progress import Progress

OWN = journal.OWN / "reproduce.jsonl"
REFERENCE = journal.REFERENCE / "reproduce"  # a file a profile, machine and code
PATIENCE = 600.0  # seconds that a run waits for another measurement
LONGEST = 3600.0  # seconds after which a neighbour ends by itself

# experiment, profile, seed, what is called once the measurement has begun, and what is told how far it is -> the record
Measure = Callable[["Experiment | Behaviour", str, int, Callable[[], None], Callable[[str], None]], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one claim. ratio, low and high are None for a behaviour; `machine` is a CPU model and the CPUs used.

    faults  of a behaviour: what was seen and is not as the chapter says, a line each; else it could not be asked later
    """

    claim: str
    profile: str
    noisy: bool
    seed: int
    verdict: str
    ratio: float | None
    low: float | None
    high: float | None
    void: int
    seconds: float
    recorded_at: str
    machine: str
    code: str
    faults: Sequence[str] = ()


def reproduce(
    claims: Sequence[str],
    *,
    times: int,
    noisy: bool = False,
    profile: str = "lesson",
    path: Path = OWN,
    measure: Measure | None = None,
    say: Callable[[str], None],
) -> list[Run]:
    """Measure each claim so many times, and give all runs of them that `path` then holds of this machine and kind.

    Runs that are there already are not repeated, so a series that was stopped goes on. `say` gets a line a block and one a
    run. Raises Missing where a server is
    not on this machine, BusyError where somebody else measures.
    """
    here, now = machine(), code()
    with journal.Journal(path) as kept:
        key = (profile, noisy, here, now)  # a series never mixes two codes
        done = [run for run in _runs(kept.entries, path) if (run.profile, run.noisy, run.machine, run.code) == key]
        there = {(run.claim, run.seed) for run in done}
        # all claims once before any of them twice: a part of a series is a small series
        missing = [(seed, claim) for seed in range(1, times + 1) for claim in claims if (claim, seed) not in there]
        begun = time.monotonic()
        for number, (seed, claim) in enumerate(missing, 1):
            run = _run(claim, profile, noisy, seed, here, measure or _measure, say)
            kept.append(encode(run))
            done.append(run)
            left = (time.monotonic() - begun) / number * (len(missing) - number)
            say(f"{claim}, run {seed} of {times}: {run.verdict} ({run.seconds:.0f} s), about {left / 60:.0f} min left")
    return [run for run in done if run.claim in claims]


def read(path: Path) -> list[Run]:
    """The runs of a file; none where there is no file."""
    return _runs(journal.read(path), path)


def published(folder: Path = REFERENCE) -> list[Run]:
    """What the book shows: the series of every profile and machine."""
    return [run for path in sorted(folder.glob("*.jsonl")) for run in read(path)]


def _runs(entries: Sequence[Mapping[str, Any]], path: Path) -> list[Run]:
    try:
        return [decode(Run, entry) for entry in entries]
    except WrongError as error:
        raise journal.JournalError(f"{path.name} is no series of runs ({error}): move it away") from error


def publish(profile: str, own: Path = OWN, reference: Path = REFERENCE) -> None:
    """Put this machine's series of a profile, by the code as it is now, beside all others that the book shows.

    Those of earlier code stay: whoever keeps only the latest series can choose the welcome one.
    """
    here, now = machine(), code()
    runs = [run for run in read(own) if (run.profile, run.machine, run.code) == (profile, here, now)]
    if not runs:
        raise journal.JournalError(
            f"Nothing of the {profile} profile was measured here by this code: nothing to publish."
        )
    name = re.sub(r"[^a-z0-9]+", "-", f"{profile} {here} {now}".lower()).strip("-")
    journal.publish([encode(run) for run in runs], reference / f"{name}.jsonl")


def machine() -> str:
    """What a series is of: the CPU model and how many CPUs may be used."""
    seen = fingerprint.fingerprint()
    return f"{seen['cpu']}, {seen['cpus_usable']} CPUs"


def _run(
    claim: str, profile: str, noisy: bool, seed: int, here: str, measure: Measure, say: Callable[[str], None]
) -> Run:
    begun, neighbour = time.monotonic(), Neighbour(most=LONGEST, seed=seed)
    try:
        begin = neighbour.start if noisy else _nothing
        record = Record(data=measure(experiments.get(claim), profile, seed, begin, say))
    finally:
        neighbour.stop()
    found = result(record)
    return Run(
        claim=claim,
        profile=profile,
        noisy=noisy,
        seed=seed,
        verdict=found["verdict"] or "undecided",
        ratio=found["ratio"],
        low=found["low"],
        high=found["high"],
        void=sum(block.void is not None for block in record.blocks),
        seconds=record.data.get("seconds") or time.monotonic() - begun,
        recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=here,
        code=code(),
        faults=[f"{each['what']}: {each['seen']}" for each in record.data.get("checks", ()) if not each["ok"]],
    )


def _nothing() -> None:
    pass


def _measure(
    experiment: Experiment | Behaviour,
    profile: str,
    seed: int,
    begin: Callable[[], None],
    say: Callable[[str], None],
) -> Mapping[str, Any]:
    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.run.blocks import run_experiment
    from benchmarks.run.looking import run_behaviour

    if isinstance(experiment, Behaviour):
        with HostLock(f"{experiment.claim}, {profile}", patience=PATIENCE):
            begin()
            return run_behaviour(experiment, profile)

    tell = lines(experiment.claim, say)

    def watch(step: Progress) -> None:
        if step.phase != "waiting":  # for another measurement, which the neighbour must not disturb
            begin()
        tell(step)

    return run_experiment(experiment, profile, seed=seed, lock_patience=PATIENCE, on_progress=watch)
