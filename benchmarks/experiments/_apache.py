"""What the claims about mod_python have in common: an edit of Apache's configuration, and what Apache's log says after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.runtime.deployment import Deployment

CONF = "apache.conf"
LOG = "apache-error.log"


def change(site: Deployment, *edits: tuple[str, str]) -> None:
    """Replace pieces of the configuration, old by new, and restart Apache. Raises LabError where a piece is not there."""
    for old, new in edits:
        site.edit(CONF, old, new)
    site.restart("Apache")


@contextmanager
def logged(site: Deployment) -> Iterator[list[str]]:
    """The lines that Apache's log gains meanwhile, once it is left; Apache's own notices are left out."""
    lines: list[str] = []
    before = len(site.log(LOG))
    yield lines
    lines += [line for line in site.log(LOG)[before:].splitlines() if line and ":notice]" not in line]


def error_of(lines: list[str]) -> str:
    """The last exception that these lines tell, or an empty text."""
    found = [line.rpartition("django_modpython: ")[2] for line in lines if "Error: " in line]
    return found[-1] if found else ""
