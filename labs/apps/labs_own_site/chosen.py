"""Classes of storages, each under a name that holds its own: the class itself where it keeps files in a folder, else a folder.

Settings name a class, and its package may load models, which must wait until the apps are ready: what it is can only be seen
when it is first used. Packages read the name from the settings and give it options of their own, so a name is all it can be.
"""

from __future__ import annotations

import os
from typing import Any

from .places import Places

STATIC, OTHER = "static_", "other_"


def name_of(backend: str, *, static: bool) -> str:
    """The name that stands for a class in the settings."""
    return f"{__name__}.{STATIC if static else OTHER}{backend.encode().hex()}"


def __getattr__(name: str) -> Any:
    """The class behind such a name (PEP 562)."""
    kind = next((kind for kind in (STATIC, OTHER) if name.startswith(kind)), None)
    if kind is None:
        raise AttributeError(name)
    from django.core.files.storage import FileSystemStorage
    from django.utils.module_loading import import_string

    try:
        backend = bytes.fromhex(name[len(kind) :]).decode()
    except ValueError:
        raise AttributeError(name) from None
    theirs = import_string(backend)
    if isinstance(theirs, type) and issubclass(theirs, FileSystemStorage):
        return theirs
    if kind == STATIC:
        from django.contrib.staticfiles.storage import StaticFilesStorage

        return type("Static", (StaticFilesStorage,), {"__init__": lambda self, **_: StaticFilesStorage.__init__(self)})
    place = Places.told(os.environ).folder / "storage" / backend.rpartition(".")[2]
    return type(
        "Folder",
        (FileSystemStorage,),
        {"__init__": lambda self, *_, **__: FileSystemStorage.__init__(self, str(place))},
    )
