"""Going on with a run that was interrupted, by Ctrl+C, a crash or a full disk: its finished blocks stay, the next ones follow.

A block is an observation of its own, on fresh servers; so blocks of two sittings are as good as those of one, as long as
everything else is the same. That is checked, and whatever differs ends it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.plan import profiles
from benchmarks.plan.ledger import ledger
from benchmarks.store import origin, records
from benchmarks.store.records import NoRecordError, Record, RecordError
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.plan.experiment import Experiment
    from benchmarks.run.meter import Deployed


class OtherRunError(LabError):
    """What would go on is not the run that was interrupted; the message says what differs."""


def unfinished(record: Record) -> bool:
    """Whether a run was interrupted, and has a finished block to go on from."""
    return record.kind == "effect" and record.data.get("stopped") == "not over" and bool(record.blocks)


def find(claim: str, *, site: bool = False) -> Record | None:
    """This machine's newest record of a claim, if its run was interrupted; None for one that is over, or broken."""
    try:
        newest = records.latest(claim, site=site)
    except (NoRecordError, RecordError):
        return None
    return newest if unfinished(newest) else None


def chosen(named: Sequence[str], *, site: bool = False) -> dict[str, Record]:
    """The interrupted run of each claim that is named, or of each record whose path is; raises OtherRunError without one."""
    found = {}
    for name in named:
        record = records.read(Path(name)) if name.endswith(".json") else find(ledger()[name].id, site=site)
        if record is None or not unfinished(record):
            raise OtherRunError(
                f"{name} has no interrupted run with a finished block: python -m benchmarks run "
                f"{record.id if record else name}"
            )
        found[record.id] = record
    return found


def options(record: Record | None) -> dict[str, Any]:
    """How `runs.measure` goes on with it: the record is written where it was."""
    return {"earlier": record, "folder": record.path.parent} if record and record.path else {}


def told(record: Record) -> str:
    """How far it came: "6 of 10 blocks"; of a run that may take more than its profile's blocks, "6 of 12 to 30 blocks"."""
    windows = record.data["windows"]
    least, most = int(windows["blocks"]), int(windows.get("most") or 0)
    return f"{len(record.counted)} of {words.counted(least, 'block') if most <= least else f'{least} to {most} blocks'}"


def check(
    earlier: Record, experiment: Experiment, deploy: Callable[..., Deployed] | None, extra: Mapping[str, Any]
) -> None:
    """Raises OtherRunError unless the run would be the same: experiment, windows, site, machine, versions and code.

    extra  what the run adds to its record, such as the site
    """
    where = records.shown(earlier.path) if earlier.path else f"the record of {earlier.id}"
    if not unfinished(earlier):
        raise OtherRunError(f"{where} is of a run that is over: there is nothing to go on with.")
    differing = [*_plan(earlier, experiment, extra)]
    if differences := origin.differs(earlier.data, origin.here(experiment, deploy)):
        differing.append(origin.told(differences))
    if differing:
        raise OtherRunError(
            f"{where} cannot be gone on with, since blocks of two different runs would be mixed: {', '.join(differing)}. "
            f"Measure anew: python -m benchmarks run {earlier.id} --profile {earlier.profile}"
        )


def _plan(earlier: Record, experiment: Experiment, extra: Mapping[str, Any]) -> list[str]:
    """What the experiment, the windows and the site have become since."""
    profile = profiles.get(earlier.profile).for_experiment(experiment)
    windows = {"turns": 1, **earlier.data["windows"]}
    now: dict[str, Any] = {
        "warmup": profile.warmup,
        "seconds": profile.seconds,
        "blocks": profile.blocks,
        "most": profile.budget,
        "turns": profile.turns,
    }
    found = changed(earlier.experiment, experiment.narrowed(earlier.profile).to_json())
    found += [
        f"{name} of the profile ({windows[name]}, now {now[name]})" for name in now if windows.get(name) != now[name]
    ]
    if earlier.data.get("site") != extra.get("site"):
        found.append("the site")
    return found


def changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The parts of an experiment that are not as a record has them: "matters of the experiment (0.1, now 0.05)"."""
    stored = json.loads(json.dumps(now))  # as a file gives it back: tuples are lists
    return [
        f"{name} of the experiment"
        + ("" if isinstance(then[name], dict | list) else f" ({then[name]}, now {stored.get(name)})")
        for name in then
        if then[name] != stored.get(name)
    ]
