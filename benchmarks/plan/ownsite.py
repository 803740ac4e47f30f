"""An experiment of the book, measured on the reader's own Django project instead of the newsroom."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.workload import Expectation
from labs.errors import OptionError
from labs.own import isolation
from labs.own.find import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from benchmarks.plan.deployed import Deployed
    from benchmarks.plan.experiment import Experiment
    from labs.site import Site

YOURS = "{page} of your own site"


class NotOnThisSiteError(OptionError):
    """An experiment that means nothing on this site, or not on this page of it."""


def adapt(experiment: Experiment | Behaviour, page: str, site: Site | None = None) -> Experiment:
    """The same arms, users and metric, asking for `page`; an answer counts when its status is 200.

    site  the project; None where only the experiment is judged

    Raises NotOnThisSiteError, naming the claim, where the experiment is about the newsroom's pages or its cache, or asks for
    files of media and `page` is none.
    """
    if isinstance(experiment, Behaviour):
        raise _not(experiment.claim, "it is true or false, the same on every site")
    there = experiment.elsewhere
    if not isinstance(there, Elsewhere):
        raise _not(experiment.claim, there)
    workloads = [experiment.workload_at(point) for point in experiment.points]
    if len({workload.paths for workload in workloads}) > 1:
        raise _not(experiment.claim, "it compares pages of the newsroom with each other")
    if any(workload.user == "zipf" for workload in workloads) or any(arm.cached for arm in experiment.arms.values()):
        raise _not(experiment.claim, "it needs the newsroom's articles and its cache")
    # What a user class may ask for beside the page is a page of the newsroom too.
    settings = {name: value for name, value in experiment.workload.settings.items() if not str(value).startswith("/")}
    if site is not None:
        settings |= _asks(experiment.claim, there, page, site)
    return dataclasses.replace(
        experiment,
        arms={name: arm for name, arm in experiment.arms.items() if name not in there.without},
        workload=experiment.workload.replace(page=page, pages=(), settings=settings),
        expectation=Expectation(failures=experiment.expectation.failures),
        regime=there.regime.replace("{page}", YOURS.replace("{page}", page)),
    )


def seen(experiment: Experiment, page: str, what: str) -> Experiment:
    """An adapted experiment whose regime also says what its page was seen to be."""
    yours = YOURS.replace("{page}", page)
    return dataclasses.replace(experiment, regime=experiment.regime.replace(yours, f"{yours} ({what})", 1))


def _asks(claim: str, there: Elsewhere, page: str, site: Site) -> Mapping[str, Any]:
    """What the users must know of the site's media, where the claim is about them."""
    from labs.servers.mod_python import ENDINGS  # imported here: it brings the servers

    if there.asks == "pictures":
        if site.media is None:
            raise _not(claim, "the site has no media to serve; --media-folder names a folder of them")
        return {"below": site.media_url}
    if there.asks == "file":
        folders = {site.media_url: site.media, site.static_url: site.static}
        urls = [url for url, folder in folders.items() if folder is not None]
        if not urls:
            raise _not(
                claim, "the site has no media or static files to serve; --media-folder or --static names a folder"
            )
        path = urlsplit(page).path
        if not path.startswith(tuple(urls)) or not re.search(ENDINGS, path):
            example = f"--page {urls[0]}picture.jpg"
            raise _not(
                claim,
                f"it asks for one file, a jpg, png, gif, svg or css below {' or '.join(urls)}, and {page} is none. "
                f"Name one of yours, such as {example}",
            )
    return {}


def named(folder: Path | None, settings: str, page: str) -> Mapping[str, str] | None:
    """How a record tells a site from others, from what was said on the command line; None where none is meant."""
    if not (folder or settings):
        return None
    return {"settings": settings or (settings_of(folder.expanduser()) if folder else ""), "page": page}


def described(site: Site, page: str) -> dict[str, Any]:
    """What a record says of the site: its settings as the reader knows them, the page, and what the project is made of."""
    from labs.own.inventory import inventory  # imported here: a page that is drawn needs none of it

    return {"settings": isolation.own_settings(site), "page": page, **inventory(site)}


def deployer(site: Site) -> Callable[..., Deployed]:
    """`labs.deploy` around the reader's project."""
    from labs import deploy

    def around(name: str, **options: object) -> Deployed:
        return deploy(name, site=site, **options)  # type: ignore[arg-type]  # deploy checks its options itself

    return around


def _not(claim: str, why: str) -> NotOnThisSiteError:
    return NotOnThisSiteError(f"{claim} cannot be measured on your site: {why}.")
