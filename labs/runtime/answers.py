"""The first good answer of every site of a deployment that has just started."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from labs.errors import StartError
from labs.own import isolation
from labs.runtime import launch, logs
from labs.runtime.firstpage import FirstPage
from labs.runtime.launch import Patience
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.place import Place
from labs.site import Site


@dataclass(frozen=True)
class Answers:
    """What the first pages said.

    page   the path, below the site's address, that gave a good answer: of the first site
    notes  what the owner of the deployment should know of them, a sentence each
    """

    page: str
    notes: tuple[str, ...]


def first(
    origin: str,
    places: Sequence[Place],
    sites: Sequence[Site],
    servers: Sequence[Server],
    folder: Folder,
    *,
    check: Callable[[], None],
    patience: Patience,
) -> Answers:
    """Wait for a good answer of every site. `check` is called after a broken connection, and raises where all is lost.

    Raises StartError when one does not come, or is an error.
    """
    asked = [(place.site, place.path, place.hosts[:1]) for place in places if place.site is not None]
    pages: list[FirstPage] = []
    for site, path, hosts in asked or [(sites[0], "", ())]:
        page = launch.first_page(origin + path, site.ready, "".join(hosts), check, patience)
        if pages:  # the second of two sites has an option of its own
            page = replace(page, advice=page.advice.replace("--page", "--other-page"))
        which = "the site" if len(sites) == 1 else isolation.own_settings(site)
        if page.problem:
            raise StartError(logs.explain_page(folder, servers[-1], servers, which, page))
        pages.append(page)
    of = [f" of {place.name}" for place in places if place.site is not None] if len(pages) > 1 else [""]
    notes = (f"page{which}: {page.note}. {page.advice}" for which, page in zip(of, pages, strict=True) if page.note)
    return Answers(pages[0].path, tuple(notes))
