"""Going on with a run that was interrupted, by Ctrl+C, a crash or a full disk: its finished blocks stay, the next ones follow.

A block is an observation of its own, on fresh servers; so blocks of two sittings are as good as those of one, as long as
everything else is the same. That is checked, and whatever differs ends it.
"""

from __future__ import annotations

import json
import shlex
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

    from benchmarks.plan.deployed import Deployed
    from benchmarks.plan.experiment import Experiment


class OtherRunError(LabError):
    """What would go on is not the run that was interrupted; the message says what differs."""


def unfinished(record: Record) -> bool:
    """Whether a run was interrupted, and has a finished block to go on from."""
    return record.kind == "effect" and record.data.get("stopped") == "not over" and bool(record.blocks)


def find(claim: str, *, site: Mapping[str, Any] | None = None) -> Record | None:
    """This machine's newest record of a claim, if its run was interrupted; None for one that is over, or broken.

    site  what tells the reader's own project from others, where the claim is measured on one (`ownsite.named`)
    """
    try:
        newest = records.latest(claim, site=site is not None, like=site)
    except (NoRecordError, RecordError):
        return None
    return newest if unfinished(newest) else None


def chosen(named: Sequence[str], *, site: Mapping[str, Any] | None = None) -> dict[str, Record]:
    """The interrupted run of each claim that is named, or of each record whose path is; raises OtherRunError without one."""
    found = {}
    for name in named:
        record = records.read(Path(name)) if name.endswith(".json") else find(ledger()[name].id, site=site)
        if record is None or not unfinished(record):
            where = f" of {origin.site_named(site)}" if site else ""
            raise OtherRunError(
                f"{name} has no interrupted run{where} with a finished block: python -m benchmarks run "
                f"{record.id if record else name}{_options(site)}"
            )
        found[record.id] = record
    return found


def options(record: Record | None) -> dict[str, Any]:
    """How `runs.measure` goes on with it: the record is written where it was."""
    return {"earlier": record, "folder": record.path.parent} if record and record.path else {}


def finished(record: Record) -> str:
    """How far it came: "6 of 10 blocks"; of a run that may take more than its profile's blocks, "6 of 12 to 30 blocks"."""
    windows = record.data["windows"]
    least, most = int(windows["blocks"]), int(windows.get("most") or 0)
    return f"{len(record.counted)} of {words.counted(least, 'block') if most <= least else f'{least} to {most} blocks'}"


def check(
    earlier: Record,
    experiment: Experiment,
    deploy: Callable[..., Deployed] | None,
    site: Mapping[str, Any] | None = None,
) -> None:
    """Raises OtherRunError unless the run would be the same: experiment, windows, site, machine, versions and code.

    site  what the run would say of the reader's project; None for the newsroom
    """
    where = records.shown(earlier.path) if earlier.path else f"the record of {earlier.id}"
    if not unfinished(earlier):
        raise OtherRunError(f"{where} is of a run that is over: there is nothing to go on with.")
    differing = [*_plan(earlier, experiment)]
    if differences := origin.differs(earlier.data, origin.here(experiment, deploy, site)):
        differing.append(origin.described(differences))
    if differing:
        raise OtherRunError(
            f"{where} cannot be gone on with, since blocks of two different runs would be mixed: {', '.join(differing)}. "
            f"Measure anew: python -m benchmarks run {earlier.id} --profile {earlier.profile}{_options(site)}"
        )


def _options(site: Mapping[str, Any] | None) -> str:
    """The options that name a project again; its folder is in no record."""
    return f" --site FOLDER --settings {site['settings']} --page {shlex.quote(site['page'])}" if site else ""


def _plan(earlier: Record, experiment: Experiment) -> list[str]:
    """What the experiment and the windows have become since."""
    profile = profiles.get(earlier.profile).for_experiment(experiment)
    windows = {"turns": 1, **earlier.data["windows"]}
    now: dict[str, Any] = {
        "warmup": profile.warmup,
        "seconds": profile.seconds,
        "blocks": profile.blocks,
        "most": profile.budget,
        "turns": profile.turns,
    }
    then = dict(earlier.experiment)
    if earlier.data.get("site"):  # of a reader's page it says what it was seen to be, which is looked at anew
        del then["regime"]
    found = changed(then, experiment.narrowed(earlier.profile).to_json())
    found += [
        f"{name} of the profile ({windows[name]}, now {now[name]})" for name in now if windows.get(name) != now[name]
    ]
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
