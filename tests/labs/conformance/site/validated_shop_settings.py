"""The shop's settings, with the application that is watched."""

from __future__ import annotations

from shop.settings import *  # noqa: F403

WATCHED, WSGI_APPLICATION = "shop.wsgi", "validated.application"
