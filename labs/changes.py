"""What changed in a reader's folder while his project ran here: a promise that can be looked at."""

from __future__ import annotations

import os
from pathlib import Path

LIMIT = 50_000  # files that are looked at; a larger folder is not judged
# Not the project's own: version control, and environments that anybody's Python may be running from
SKIPPED = {".git", ".hg", "node_modules"}

State = dict[str, tuple[int, int]]


def state(folder: Path) -> State | None:
    """Every file below a folder: when it was changed last, in ns, and its size; None when there are too many.

    Byte code counts, wherever Python would write it beside the source; virtual environments do not.
    """
    found: State = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in SKIPPED and not _environment(Path(place) / each)]
        for name in names:
            try:
                status = (Path(place) / name).lstat()
            except OSError:  # gone meanwhile
                continue
            found[str((Path(place) / name).relative_to(folder))] = status.st_mtime_ns, status.st_size
        if len(found) > LIMIT:
            return None
    return found


def changed(before: State | None, after: State | None) -> list[str] | None:
    """Names of files that came, went or changed; None where the folder was too large to tell."""
    if before is None or after is None:
        return None
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def told(names: list[str] | None) -> str:
    """The same as a sentence."""
    if names is None:
        return f"Your project has more than {LIMIT} files: whether one changed was not looked at."
    if not names:
        return "Nothing in your project's folder changed."
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"Changed in your project's folder meanwhile: {shown}. Your pages write there by themselves, or somebody else did."


def _environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()
