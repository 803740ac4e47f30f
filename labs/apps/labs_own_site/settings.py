"""The project's own settings, turned: see turn.py. LABS_OWN_SETTINGS names them, LABS_OWN_FOLDER the folder."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from .turn import turned

_THEIRS = {
    name: value
    for name, value in vars(importlib.import_module(os.environ["LABS_OWN_SETTINGS"])).items()
    if name.isupper()
}
globals().update(_THEIRS)
globals().update(turned(_THEIRS, Path(os.environ["LABS_OWN_FOLDER"]), dict(os.environ)))
