"""The newsroom below /mysite/ by its URLs alone, as the chapter has it: the prefix is written into the URLconf."""

from __future__ import annotations

from newsroom.settings import *  # noqa: F403 - settings are added to

ROOT_URLCONF = "labs_lessons.shim_urls"
