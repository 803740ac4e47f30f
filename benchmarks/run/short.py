"""Blocks of the shape of a smoke run for a reference record: what a smoke run is held against (`benchmarks.result.held`)."""

from __future__ import annotations

import dataclasses
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from benchmarks.host import fingerprint
from benchmarks.plan import profiles
from benchmarks.plan.experiment import SMOKE
from benchmarks.run.blocks import run_experiment
from benchmarks.store import form, records
from labs.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.plan.experiment import Experiment
    from benchmarks.run.progress import Progress
    from benchmarks.run.session import Session
    from benchmarks.store.records import Record

BLOCKS = 8  # enough to know their spread: five would be the least (`judge.prediction`)
QUIET = 120.0  # seconds to wait for a quiet moment: these are to be blocks that count


def measure(
    experiment: Experiment,
    *,
    blocks: int = BLOCKS,
    seed: int = 1,
    patience: float = 0.0,
    say: Callable[[Progress], None],
    session: Session | None = None,
) -> dict[str, Any]:
    """So many blocks that count, as the record's part `short` holds them. Raises as `run_experiment` does."""
    profile = dataclasses.replace(profiles.get(SMOKE), blocks=blocks, extra=blocks, quiet=QUIET)
    data = run_experiment(experiment, profile, seed=seed, lock_patience=patience, on_progress=say, session=session)
    names = {each.name for each in fields(form.Short)}
    return {name: value for name, value in data.items() if name in names}


def add(
    record: Record,
    experiment: Experiment,
    *,
    folder: Path,
    blocks: int = BLOCKS,
    patience: float = 0.0,
    say: Callable[[Progress], None],
    session: Session | None = None,
) -> Record:
    """Measure them for a record that is there, and write it again with them: everything else in it stays as it is.

    Raises OptionError where files were changed since the last commit: nobody could measure the same again.
    """
    clean()
    part = measure(experiment, blocks=blocks, patience=patience, say=say, session=session)
    path = records.write({**record.data, "short": part}, folder)
    return records.read(path)


def clean() -> None:
    """Raises OptionError where the code that measures is no commit."""
    commit = fingerprint.commit()
    if commit is None or commit.endswith("+"):
        raise OptionError("a record of the book comes from a commit: commit your changes, then measure.")


def there(record: Record, experiment: Experiment, blocks: int = BLOCKS) -> bool:
    """Whether a record has so many of the shape that a smoke run has now."""
    short = record.short
    if short is None or len(short.counted) < blocks:
        return False
    profile = profiles.get(SMOKE).for_experiment(experiment)
    windows = short.data["windows"]
    same = (windows["warmup"], windows["seconds"], windows.get("later")) == (
        profile.warmup,
        profile.seconds,
        profile.later,
    )
    planned = experiment.narrowed(SMOKE).to_json()
    return same and all(short.experiment[key] == planned[key] for key in ("favoured", "against", "metric", "workload"))
