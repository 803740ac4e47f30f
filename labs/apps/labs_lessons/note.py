"""The newsroom with a page whose code is edited while it runs: /note/, the text of note.py in the deployment's folder."""

from __future__ import annotations

import os
import sys

from newsroom.settings import *  # noqa: F403 - settings are added to

ROOT_URLCONF = "labs_lessons.note_urls"
sys.path.append(os.environ["LABS_FOLDER"])
