"""Settings that are paths: the same settings with what lies in one folder named in another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .places import within


def absolute(path: Any) -> str:
    """A path from the root on, its links as they are."""
    return str(os.path.abspath(os.fspath(path)))


def is_path(value: Any) -> bool:
    """Whether a value is a path, or may be one. Its type alone is asked: a lazy value would load what it stands for."""
    return issubclass(type(value), os.PathLike) or (issubclass(type(value), str) and "/" in value)


def mapped(names: dict[str, Any], other: Callable[[Any], Any]) -> dict[str, Any]:
    """The settings of which a part became another by `other`, which gives back the very value that it leaves alone.

    Dictionaries, lists and tuples are gone into; nothing is compared by value, and nothing else is looked at.
    """

    def walked(value: Any) -> Any:
        if type(value) is dict:
            inner = {key: walked(each) for key, each in value.items()}
            return inner if any(inner[key] is not value[key] for key in value) else value
        if type(value) in (list, tuple):
            changed = [walked(each) for each in value]
            same = all(new is old for new, old in zip(changed, value))  # noqa: B905 - of the same list
            return value if same else type(value)(changed)
        return other(value)

    changed = {name: walked(value) for name, value in names.items()}
    return {name: value for name, value in changed.items() if value is not names[name]}


def moved(names: dict[str, Any], root: Any, there: Path, *, exactly: bool = False) -> dict[str, Any]:
    """The settings that name the folder `root`, or what lies below it, naming `there` instead.

    exactly  leave alone what lies below it: for a folder that is the project, or holds it
    """
    old = absolute(root)

    def other(value: Any) -> Any:
        if not is_path(value):
            return value
        text = os.fspath(value)
        if not isinstance(text, str) or "://" in text or not within(os.path.abspath(text), old):
            return value
        below = os.path.relpath(os.path.abspath(text), old)
        if exactly and below != ".":
            return value
        new = os.path.normpath(there / below) + ("/" if text.endswith("/") else "")
        return Path(new) if isinstance(value, Path) else new

    return mapped(names, other)
