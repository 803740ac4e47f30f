"""The project's own settings, turned: see turn.py. LABS_OWN_SETTINGS names them, LABS_OWN_FOLDER the folder."""

from __future__ import annotations

import importlib
import os

from . import fence
from .places import HOOK, Places
from .turn import turned

_PLACES = Places.told(os.environ)
_HERE = os.getcwd()
os.chdir(os.environ["LABS_OWN_BASE"])  # as under manage.py: relative paths of the settings mean the project's
if _PLACES.guard == HOOK:  # before the project's first line runs
    fence.refuse_writes(_PLACES, os.environ)

_THEIRS = {
    name: value
    for name, value in vars(importlib.import_module(os.environ["LABS_OWN_SETTINGS"])).items()
    if name.isupper()
}
_TURNED = turned(_THEIRS, _PLACES, os.environ)
os.chdir(_HERE)  # which is the project's too, but where two of them share a process
for _folder in _TURNED.folders:
    _folder.mkdir(parents=True, exist_ok=True)
globals().update(_THEIRS)
globals().update(_TURNED.settings)
