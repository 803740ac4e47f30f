"""What changed in a reader's folders while the project ran here: a promise that can be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

LIMIT = 500_000  # files that are looked at, some three seconds; a larger project is not judged
# Not the project's own: version control, and environments that anybody's Python may be running from
SKIPPED = {".git", ".hg", "node_modules"}
BESIDE = ("", "-wal", "-shm", "-journal")  # a database, and what SQLite keeps beside it

State = dict[str, tuple[int, ...]]


class Watch:
    """A reader's folders and files, as they are now, and what became of them.

    kept     folders and files that must stay as they are, the project first
    allowed  databases that the reader lets the pages write to
    earlier  what the project was like before its settings were looked at, which are code and may write; now where not given
    """

    def __init__(self, kept: Sequence[Path], allowed: Sequence[Path] = (), *, earlier: State | None = None) -> None:
        self.kept = tuple(kept)
        self.allowed = {f"{file}{end}" for file in allowed for end in BESIDE}
        now = state(*(self.kept if earlier is None else self.kept[1:]))
        if now is not None and earlier is not None:
            top = f"{self.kept[0]}{os.sep}"  # below it, only what was there earlier counts
            now = {**{name: seen for name, seen in now.items() if not name.startswith(top)}, **earlier}
        self.before = now

    def changed(self) -> list[str] | None:
        """Names of files that came, went or changed since; None where there were too many to tell."""
        found = changed(self.before, state(*self.kept))
        return None if found is None else [self._short(name) for name in found if name not in self.allowed]

    def _short(self, name: str) -> str:
        top = f"{self.kept[0]}{os.sep}" if self.kept else ""
        return name.removeprefix(top)


def state(*folders: Path) -> State | None:
    """Every file and folder below some folders, and files that are named themselves: when content and rights were changed
    last, in ns, size and rights; None when there are too many.

    Byte code counts, wherever Python would write it beside the source; virtual environments do not.
    """
    found: State = {}
    for folder in folders:
        for path in _files(folder):
            try:
                status = path.lstat()
            except OSError:  # gone meanwhile
                continue
            found[str(path)] = status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_mode
            if len(found) > LIMIT:
                return None
    return found


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        yield from (Path(f"{folder}{end}") for end in BESIDE)
    for place, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in SKIPPED and not _environment(Path(place) / each)]
        yield from (Path(place) / name for name in names)


def changed(before: State | None, after: State | None) -> list[str] | None:
    """Names of files that came, went or changed; None where the folder was too large to tell."""
    if before is None or after is None:
        return None
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def described(names: list[str] | None) -> str:
    """The same as a sentence."""
    if names is None:
        return f"Your project has more than {LIMIT} files: whether one changed was not looked at."
    if not names:
        return "Nothing in your project's folder changed."
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"Changed in your project's folder meanwhile: {shown}. Your pages write there by themselves, or somebody else did."


def _environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()
