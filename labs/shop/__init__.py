"""The shop: a second, very small Django project, for the labs in which one front-end serves two sites.

It has no database. The basket lies in a signed cookie, so that two sites on one host can be seen to keep their cookies apart.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.site import Site

PROJECT = Path(__file__).resolve().parent / "project"
PARTS = ("cookie_path", "media_url", "serve_media")

__all__ = ["site"]


def site() -> Site:
    """The shop, as deployments take it."""
    from labs.site import Site

    return Site(
        folder=PROJECT,
        settings="shop.settings",
        wsgi="shop.wsgi:application",
        variables={part: f"SHOP_{part.upper()}" for part in PARTS},
        media=PROJECT / "media",
        ready="/hello/",
    )
