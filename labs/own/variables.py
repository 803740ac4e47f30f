"""Variables that a reader's project needs: named one by one, or read from a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from labs.errors import OptionError
from labs.own import envfile

# What a start sets itself: another value would take the project out of its folder, or Python off its feet
OURS = re.compile(r"LABS_\w*|PYTHONHOME|PYTHONPYCACHEPREFIX|PYTHONUNBUFFERED")


def variables(said: Sequence[str]) -> dict[str, str]:
    """`["DEBUG=1"]` -> {"DEBUG": "1"}. Raises OptionError."""
    found = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise OptionError(f"--env {each}: it is NAME=VALUE, such as DJANGO_SECRET_KEY=x.")
        if OURS.fullmatch(name):
            raise OptionError(f"--env {name}: the labs set it themselves. Leave it out.")
        found[name] = value
    return found


def given(said: Sequence[str], file: Path | None, folder: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """All of them, and a sentence about the file. What was named one by one comes before the file's.

    file    as it was named: where the command runs, or else in the project's folder
    folder  of the project

    Raises OptionError.
    """
    named = variables(said)
    if file is None:
        return named, ()
    path = file.expanduser()
    path = next((each for each in (Path.cwd() / path, folder / path) if each.exists()), path)
    found = envfile.read(path)
    kept = {name: value for name, value in found.items() if not OURS.fullmatch(name)}
    return {**kept, **named}, (_note(path, found, kept),)


def _note(path: Path, found: Mapping[str, str], kept: Mapping[str, str]) -> str:
    left = [name for name in found if name not in kept]
    raw = [name for name, value in kept.items() if "${" in value or "$(" in value]
    note = f"variables: {len(kept)} from {path}"
    note += f"; left out, since the labs set them: {', '.join(left)}" if left else ""
    return note + (f"; taken as they stand, with their $: {', '.join(raw)}" if raw else "")
