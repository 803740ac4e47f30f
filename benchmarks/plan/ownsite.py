"""An experiment of the book, measured on the reader's own Django project instead of the newsroom."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.experiment import Experiment
from benchmarks.plan.workload import Expectation
from labs.errors import LabError
from labs.guard import own_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.run.meter import Deployed
    from labs.site import Site


class NotOnThisSiteError(LabError):
    """An experiment that only means something on the newsroom's pages."""


def adapt(experiment: Experiment | Behaviour, page: str) -> Experiment:
    """The same arms, users and metric, asking for `page`; an answer counts when its status is 200.

    Raises NotOnThisSiteError where the experiment is about particular pages or the newsroom's own cache.
    """
    if isinstance(experiment, Behaviour):
        raise _not(experiment.claim, "it is true or false, the same on every site")
    workloads = [experiment.workload_at(point) for point in experiment.points]
    if len({workload.paths for workload in workloads}) > 1:
        raise _not(experiment.claim, "it compares pages of the newsroom with each other")
    if any(workload.user == "zipf" for workload in workloads) or any(arm.cached for arm in experiment.arms.values()):
        raise _not(experiment.claim, "it needs the newsroom's articles and its cache")
    # What a user class may ask for beside the page is a page of the newsroom too.
    kept = {name: value for name, value in experiment.workload.settings.items() if not str(value).startswith("/")}
    return dataclasses.replace(
        experiment,
        workload=experiment.workload.replace(page=page, pages=(), settings=kept),
        expectation=Expectation(failures=experiment.expectation.failures),
        regime=f"{page} of your own site in place of the book's page; otherwise {experiment.regime}",
    )


def described(site: Site, page: str) -> dict[str, str]:
    """What a record says of the site: its settings as the reader knows them, and the page that was asked for."""
    return {"settings": own_settings(site), "page": page}


def deployer(site: Site) -> Callable[..., Deployed]:
    """`labs.deploy` around the reader's project."""
    from labs import deploy

    def around(name: str, **options: object) -> Deployed:
        return deploy(name, site=site, **options)  # type: ignore[arg-type]  # deploy checks its options itself

    return around


def _not(claim: str, why: str) -> NotOnThisSiteError:
    return NotOnThisSiteError(f"{claim} cannot be measured on a site of your own: {why}.")
