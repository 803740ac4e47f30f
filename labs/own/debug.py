"""DEBUG of a reader's project, as it is to be for a run."""

from __future__ import annotations

from dataclasses import replace

from labs.errors import OptionError
from labs.own.inspection import Look
from labs.site import Site

CHOICES = ("as-is", "off", "on")


def checked(debug: str) -> str:
    """The same word. Raises OptionError for any other."""
    if debug not in CHOICES:
        raise OptionError(f"--debug {debug}: it is off, on, or as-is.")
    return debug


def turned(site: Site, debug: str) -> Site:
    """The guarded project with DEBUG as it was asked for (labs/apps/labs_own_site/turn.py sets it)."""
    return site if debug == "as-is" else replace(site, environment={**site.environment, "LABS_OWN_DEBUG": debug})


def seen(look: Look, debug: str) -> Look:
    """What was seen of the project, with DEBUG as it will be."""
    return look if debug == "as-is" else replace(look, debug=debug == "on")


def notes(site: Site, look: Look, debug: str) -> tuple[str, ...]:
    """What its owner should know of DEBUG.

    site  the project as it is
    look  what was seen of it
    """
    if look.debug and debug == "as-is":
        return ("DEBUG: --debug off turns it off for a run",)
    if debug == "as-is" or look.debug == (debug == "on"):
        return ()
    if debug == "on":
        return ("DEBUG: on for this run",)
    served = "" if site.static else ", and static files only once manage.py collectstatic has filled STATIC_ROOT"
    kept = "what your settings made of their own DEBUG stays as it is"
    return (f"DEBUG: off for this run; {kept}. What is served under DEBUG alone is not served{served}",)
