"""The page of a reader's site that is to be measured: asked for once, before anything else, on servers that are gone after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.host.lock import HostLock, Wait
from labs import deploy
from labs.errors import OptionError

if TYPE_CHECKING:
    from labs.site import Site

COUNTS = 200  # the status of an answer that is measured


class NoPageError(OptionError):
    """A page that answers, and could not be measured."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """site: the project, its page that of the run; page: the same; note: where the page that was named leads, if anywhere."""

    site: Site
    page: str
    note: str


def settled(site: Site, *, start_timeout: float, patience: float, say: Callable[[str], object]) -> Settled:
    """Ask a site for its page, and follow it once.

    patience  seconds to wait for another measurement on this machine, which this start would disturb
    say       called with a line that says who is waited for

    Raises NoPageError where the answer is not one that counts, StartError where there is none or an error, BusyError.
    """
    said = ""

    def tell(seen: Wait) -> None:
        nonlocal said
        if seen.line != said:
            said = seen.line
            say(said)

    with (
        HostLock(f"a first look at {site.ready}", patience=patience, on_wait=tell),
        deploy("gunicorn", site=site, workers=1, start_timeout=start_timeout) as running,
    ):
        note, page = " ".join(running.notes), running.page
        status = running.get(page).status
    if status != COUNTS:
        why = note or f"page: {page} answers {status}."
        raise NoPageError(f"{why}\nOnly a page that answers {COUNTS} by itself is measured: --page /articles/")
    return Settled(site=replace(site, ready=page), page=page, note=note)
