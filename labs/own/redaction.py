"""Configuration as it can be shown to others: without the place of a reader's project, and without what is private in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.place import Place
from labs.servers.relocation import mover, taken
from labs.site import Site

UNREAD = (".keep", ".types")  # files that say nothing to a reader: a folder's, and tables of a hundred endings
NAMELESS = (Path("/usr"), Path("/usr/local"), Path("/"))  # prefixes of a system's own Python say nothing of anybody


def texts(servers: Sequence[Server], folder: Folder) -> dict[str, str]:
    """Every configuration file of these servers as they would write it for sites whose private variables have no values."""
    with taken(mover([("{folder}", str(folder.path))])):
        told = {name: text for server in servers for name, text in without_values(server).files(folder).items()}
    return {name: text for name, text in told.items() if not name.endswith(UNREAD)}


def without_values(value: Any) -> Any:
    """The same server, place or tuple of them, around sites without the values of their private variables."""
    if isinstance(value, Site):
        return value.without_values()
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(without_values(each) for each in value)
    if isinstance(value, Server | Place):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value) if each.init}
        changed = {name: new for name, old in fields.items() if (new := without_values(old)) is not old}
        return dataclasses.replace(value, **changed) if changed else value
    return value


def nameless(text: str, sites: Sequence[Site]) -> str:
    """A text in which the folders of projects, their environments and the reader's home have names in place of paths."""
    for number, site in enumerate(sites):
        after = "" if number == 0 else f"-{number + 1}"
        prefix = site.python.parent.parent
        places = {"media": site.media, "static": site.static, "project": site.folder, "environment": prefix}
        for name, place in places.items():
            if place is not None and place.is_absolute() and place not in NAMELESS:
                text = text.replace(str(place), f"{{{name}{after}}}")
    home = str(Path.home())
    return text.replace(f"{home}/", "~/") if len(home) > 1 else text
