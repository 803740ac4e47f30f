"""What is measured for each claim, one module a claim, found by the claim's id.

`tune-keepalive` is `benchmarks/experiments/tune_keepalive.py`; its module holds one `Experiment` or `Behaviour`, under
the name `experiment`. A module is imported when it is asked for, never before.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from labs.errors import LabError

if TYPE_CHECKING:
    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.plan.experiment import Experiment

FOLDER = Path(__file__).resolve().parent


class NoExperimentError(LabError):
    """A claim that has no experiment yet."""


def names() -> list[str]:
    """Ids of the claims that have an experiment, sorted."""
    return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("[a-z]*.py"))


def get(claim: str) -> Experiment | Behaviour:
    """The experiment of a claim. Raises NoExperimentError when there is none."""
    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.plan.experiment import Experiment

    if claim not in names():
        raise NoExperimentError(f"{claim} has no experiment. These have one: {', '.join(names()) or 'none yet'}")
    module = import_module(f"{__name__}.{claim.replace('-', '_')}")
    found = getattr(module, "experiment", None)
    if not isinstance(found, Experiment | Behaviour) or found.claim != claim:
        raise NoExperimentError(
            f"{module.__file__} must define `experiment`, an Experiment or a Behaviour of the claim {claim}"
        )
    return found
