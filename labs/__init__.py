"""Launch the servers of the book around a Django project.

    from labs import deploy
    site = deploy("fastcgi-lighttpd")     # configuration is written, nothing runs yet
    site.start()
    site.stop()

Importing this package is light: names are looked up when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.doctor.findings import needs
    from labs.errors import LabError, Missing
    from labs.runtime.deploying import deploy
    from labs.runtime.deployment import Deployment
    from labs.runtime.draft import Draft
    from labs.runtime.shell import Shell
    from labs.site import Site

__all__ = ["Deployment", "Draft", "LabError", "Missing", "Shell", "Site", "deploy", "needs"]

_HOME = {
    "Deployment": "labs.runtime.deployment",
    "Draft": "labs.runtime.draft",
    "LabError": "labs.errors",
    "Missing": "labs.errors",
    "Shell": "labs.runtime.shell",
    "Site": "labs.site",
    "deploy": "labs.runtime.deploying",
    "needs": "labs.doctor.findings",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'labs' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
