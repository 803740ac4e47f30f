"""Import by name, as the search for a culprit writes it: a module, or what `from module import name` brings."""

from __future__ import annotations

import importlib


def bring(name: str) -> None:
    """Import a module, or a module and what it has of that name. Raises what the import raises."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        module, _, inner = name.rpartition(".")
        if error.name != name or not module:
            raise
        if not hasattr(importlib.import_module(module), inner):
            raise
