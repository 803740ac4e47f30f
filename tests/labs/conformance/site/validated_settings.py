"""The newsroom's settings, with the application that is watched."""

from __future__ import annotations

from newsroom.settings import *  # noqa: F403

WATCHED, WSGI_APPLICATION = "newsroom.wsgi", "validated.application"
