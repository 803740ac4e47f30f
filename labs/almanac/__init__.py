"""The almanac: a third, tiny Django project, made to crash. One page of it loads a C library wrongly and ends its process.

It is a project of its own so that no page of the newsroom can do such a thing. It has no database and no media.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.site import Site

PROJECT = Path(__file__).resolve().parent / "project"

__all__ = ["PROJECT", "site"]


def site() -> Site:
    """The almanac, as deployments take it."""
    from labs.site import Site

    return Site(folder=PROJECT, settings="almanac.settings", wsgi="almanac.wsgi:application", ready="/hello/")
