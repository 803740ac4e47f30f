"""A recorded run, done again: the same experiment, windows, seed and options; then both verdicts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from benchmarks import experiments
from benchmarks.plan import ownsite, profiles
from benchmarks.plan.behaviour import Behaviour
from benchmarks.result.comparison import Pair
from benchmarks.run import resuming, runs
from benchmarks.store import origin
from labs.errors import LabError
from labs.own import isolation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.plan.experiment import Experiment
    from benchmarks.plan.profiles import Profile
    from benchmarks.run.runs import Step
    from benchmarks.store.records import Record
    from labs.site import Site

NAMES = ("recorded", "replayed")


class NotRepeatableError(LabError):
    """A record that cannot be repeated as it is asked for; the message says what is missing."""


def warnings(record: Record, site: Site | None = None) -> list[str]:
    """What is not as it was when the record was made, one line each; empty where everything is.

    site  the reader's own project, where the record is of one

    Raises Missing when a server is not on this machine, NotRepeatableError for another site than the record's.
    """
    _same(record, site)
    experiment = experiments.get(record.id)
    effect = None if isinstance(experiment, Behaviour) else experiment
    since = _since(record, effect, site)
    found = [f"{name.replace('_', ' ')} was {one}, is {other}" for name, (one, other) in since.items()]
    if effect is not None and not record.data.get("site"):
        planned = effect.narrowed(record.profile).to_json()
        found += [f"changed since: {each}" for each in resuming.changed(record.experiment, planned)]
    return found


def replay(
    record: Record,
    *,
    folder: Path,
    say: Callable[[Step], None],
    site: Site | None = None,
    patience: float = 0.0,
    start_timeout: float | None = None,
) -> Pair:
    """Measure what `record` says again, and give both; the new record is written into `folder`.

    site      the reader's own project, where the record is of one
    patience  seconds to wait for another measurement on this machine
    start_timeout  seconds that the servers of an arm and their first page may take; None for the usual

    Raises NotRepeatableError, and whatever `runs.measure` raises.
    """
    _same(record, site)
    own = record.data.get("site")
    experiment = experiments.get(record.id)
    if isinstance(experiment, Behaviour):
        again = runs.measure(
            experiment, folder=folder, profile=record.profile, say=say, patience=patience, start_timeout=start_timeout
        )
        return Pair(first=record, second=again, names=NAMES)
    profile = recorded(record)
    # The record's own windows: what the experiment asks for today may be something else.
    plan = dataclasses.replace(experiment.narrowed(record.profile), windows={})
    again = runs.measure(
        plan,
        folder=folder,
        profile=profile,
        seed=int(record.data.get("seed", 1)),
        say=say,
        site=site,
        page=own["page"] if own else "/",
        patience=patience,
        workers=runs.generators(record),
        start_timeout=start_timeout,
    )
    return Pair(first=record, second=again, names=NAMES)


def recorded(record: Record) -> Profile:
    """The profile with the windows that the record was made with."""
    today, windows = profiles.get(record.profile), record.data.get("windows")
    if windows is None:
        return today
    known = {name: windows[name] for name in ("warmup", "seconds", "blocks")}
    return dataclasses.replace(
        today,
        **known,
        most=windows.get("most"),
        turns=windows.get("turns", 1),
        later=windows.get("later"),
        together=windows.get("together", False),
    )


def _same(record: Record, site: Site | None) -> None:
    """Raises NotRepeatableError where the record is of another site; another Python or code of the same one is told."""
    own = record.data.get("site")
    if site is None and own:
        raise NotRepeatableError(
            f"The record is of a site of your own, {own['settings']}, page {own['page']}: name its project again with --site."
        )
    if site is not None and not own:
        raise NotRepeatableError("The record is of the book's own site: leave --site out.")
    if site is not None and own and (settings := isolation.own_settings(site)) != own["settings"]:
        raise NotRepeatableError(
            f"The record is of {own['settings']}, and {settings} is another site. Name its project with --site and --settings, "
            f"or measure this one: python -m benchmarks run {record.id} --site FOLDER"
        )


def _since(record: Record, experiment: Experiment | None, site: Site | None) -> origin.Differences:
    if site is None:
        return origin.differs(record.data, origin.here(experiment))
    described = ownsite.described(site, record.data["site"]["page"])
    return origin.differs(record.data, origin.here(experiment, ownsite.deployer(site), described))
