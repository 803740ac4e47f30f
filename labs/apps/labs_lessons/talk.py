"""The newsroom with pages that speak: by print, by logging, by failing. Logging is Django's own, as a new project has it."""

from __future__ import annotations

from newsroom.settings import *  # noqa: F403 - settings are added to

ROOT_URLCONF = "labs_lessons.talk_urls"
LOGGING = {}
