"""The newsroom: a small newspaper in Django, the site that every server of the book runs.

    from labs.newsroom import site
    site()                      # builds its archive on first use, about three seconds

The Django project lies in project/; archive.py, words.py, pictures.py and samples.py write its content, data.py keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.site import Site

__all__ = ["site"]


def site(*, articles: int = 2000) -> Site:
    """The newsroom with an archive of that many articles, as deployments take it. See labs.newsroom.data.build."""
    from labs.newsroom.data import PROJECT, build
    from labs.site import Site

    data = build(articles)
    parts = (
        "burn",
        "database",
        "cache",
        "cache_pages",
        "cookie_path",
        "media_root",
        "media_url",
        "serve_media",
        "sessions",
        "secret_key",
    )
    return Site(
        folder=PROJECT,
        settings="newsroom.settings",
        wsgi="newsroom.wsgi:application",
        manage=PROJECT / "manage.py",
        environment={"NEWSROOM_MEDIA_ROOT": str(data.media)},
        variables={part: f"NEWSROOM_{part.upper()}" for part in parts},
        database=data.database,
        media=data.media,
        static=data.media / "static",
        static_url="/media/static/",
        ready="/hello/",
    )
