"""A copy of a project to edit while it runs: what a developer does at a desk, without touching the project itself."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from labs.errors import LabError, start_error
from labs.runtime.shell import Shell
from labs.site import Site

IGNORED = shutil.ignore_patterns("__pycache__", ".git", "*.pyc")


class Draft:
    """The copy, in a folder of its own that is gone after `close()`.

    site      the project to copy; the shop when none is named
    settings  another settings module, such as one that `write` adds
    ready     another page that answers 200 when it is up

    Raises LabError when the project cannot be copied.
    """

    def __init__(self, site: Site | None = None, *, settings: str = "", ready: str = "") -> None:
        if site is None:
            from labs.shop import site as shop

            site = shop()
        self._shell = Shell(site, name="draft")
        self.folder: Path = self._shell / "project"
        try:
            shutil.copytree(site.folder, self.folder, ignore=IGNORED)
        except OSError as error:
            self.close()
            raise start_error(f"{site.folder} cannot be copied", error) from error
        self._edits = 0
        self.site = replace(
            site,
            folder=self.folder,
            settings=settings or site.settings,
            ready=ready or site.ready,
            media=self._inside(site, site.media),
            static=self._inside(site, site.static),
            manage=self._inside(site, site.manage),
        )

    def _inside(self, site: Site, path: Path | None) -> Path | None:
        return self.folder / path.relative_to(site.folder) if path and path.is_relative_to(site.folder) else path

    def read(self, name: str) -> str:
        """The text of a file of the copy. Raises LabError where there is none."""
        try:
            return (self.folder / name).read_text("utf-8")
        except OSError as error:
            raise start_error(f"{name} of the draft cannot be read", error) from error

    def write(self, name: str, text: str) -> None:
        """Write a file of the copy, a new one or in the place of an old one."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        # Byte code counts as fresh while size and second of its source are the same; two edits may share a second.
        self._edits += 1
        changed = path.stat().st_mtime + self._edits
        os.utime(path, (changed, changed))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file of the copy. Raises LabError when the piece is not there."""
        text = self.read(name)
        if old not in text:
            raise LabError(f"{name} of the draft has nothing that reads {old!r}.")
        self.write(name, text.replace(old, new))

    def close(self) -> None:
        """Remove the copy."""
        self._shell.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
