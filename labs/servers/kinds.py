"""Every kind of server that there is: the classes in the modules of this package."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import labs.servers
from labs.servers.base import Server
from labs.servers.program import Program


@cache
def kinds() -> tuple[type[Server], ...]:
    """Those that can be started, by their titles: all whose class variables have values. What only shares code has none."""
    for module in pkgutil.iter_modules(labs.servers.__path__):
        import_module(f"labs.servers.{module.name}")
    found = [kind for kind in _below(Server) if kind.__module__.startswith("labs.servers.") and _whole(kind)]
    return tuple(sorted(found, key=lambda kind: (kind.title.lower(), kind.__name__)))


def programs() -> dict[str, Program]:
    """What they need of a machine: title -> program, or module of one."""
    needs = {title: program for kind in kinds() for title, program in kind.needs().items()}
    return dict(sorted(needs.items(), key=lambda item: item[0].lower()))


def _below(kind: type[Server]) -> Iterator[type[Server]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _whole(kind: type[Server]) -> bool:
    names = {
        name
        for each in kind.__mro__
        for name, kind_of in inspect.get_annotations(each).items()
        if str(kind_of).startswith("ClassVar")
    }
    return all(hasattr(kind, name) for name in names)
