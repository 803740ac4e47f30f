"""System checks of the environment: values that can be read, but do not fit this machine or each other.

They run with every management command, and never in a server: a live site does not pay for them.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from newsroom.environment import VARIABLES


@register(Tags.files)
def check_files(**kwargs: Any) -> Iterable[CheckMessage]:
    name = settings.DATABASES["default"]["NAME"]
    if isinstance(name, Path) and not name.parent.is_dir():
        yield Error(
            f"The folder of the database is not there: {name.parent}",
            hint="Build the archive with `python -m labs.newsroom`, or set NEWSROOM_DATABASE to a file in a folder that exists.",
            id="newsroom.E001",
        )
    elif isinstance(name, Path) and name.exists() and not os.access(name, os.W_OK):
        yield checks.Warning(
            f"The database cannot be written: {name}",
            hint="Copy it to a folder of your own and set NEWSROOM_DATABASE; comments and log-ins fail otherwise.",
            id="newsroom.W002",
        )
    if not settings.MEDIA_ROOT.is_dir():
        yield Error(
            f"The folder of media files is not there: {settings.MEDIA_ROOT}",
            hint="Build the archive with `python -m labs.newsroom`, or set NEWSROOM_MEDIA_ROOT.",
            id="newsroom.E003",
        )


@register(Tags.caches)
def check_caches(**kwargs: Any) -> Iterable[CheckMessage]:
    dummy = settings.CACHES["default"]["BACKEND"].endswith("DummyCache")
    if dummy and settings.CACHE_MIDDLEWARE_SECONDS:
        yield checks.Warning(
            "NEWSROOM_CACHE_PAGES asks for cached pages, but NEWSROOM_CACHE is none: every page will be a miss.",
            hint="Set NEWSROOM_CACHE=locmem or NEWSROOM_CACHE=memcached://127.0.0.1:11211.",
            id="newsroom.W004",
        )
    if dummy and settings.SESSIONS["cache"] == settings.SESSION_ENGINE:
        yield Error(
            "NEWSROOM_SESSIONS=cache, but NEWSROOM_CACHE is none: nobody could stay signed in.",
            hint="Set NEWSROOM_CACHE=locmem or NEWSROOM_CACHE=memcached://127.0.0.1:11211.",
            id="newsroom.E005",
        )


@register
def check_names(**kwargs: Any) -> Iterable[CheckMessage]:
    for name in sorted(os.environ):
        if name.startswith("NEWSROOM_") and name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, n=1)
            yield checks.Warning(
                f"{name} is not a variable of the newsroom, and is ignored.",
                hint=f"Did you mean {near[0]}?" if near else "newsroom/settings.py lists them all.",
                id="newsroom.W006",
            )
