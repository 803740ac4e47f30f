"""Where a run may write, as its processes are told by variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

OVERLAY, HOOK = "overlay", "hook"


class Places(NamedTuple):
    """What a process knows of the run that it belongs to.

    folder    where everything that the project writes goes (LABS_OWN_FOLDER)
    around    the deployment's folder, in which that one lies (LABS_FOLDER)
    projects  folders of the reader's: the project, and what its settings name outside it (LABS_OWN_PROJECTS, quoted
              as in URLs, with colons between)
    guard     "overlay": writes below those land in the deployment's folder; "hook": they are refused (LABS_OWN_GUARD)
    mine      databases of the reader's own that are allowed, by alias (LABS_OWN_MINE)
    files     those of them that are files (LABS_OWN_FILES, as the projects)
    copied    parts that lie in the folder, copied or new: database:ALIAS, media, static, storage:ALIAS (LABS_OWN_COPIED)
    cache     address of the run's own memcached, or empty (LABS_OWN_CACHE)
    reach     addresses of the run's own servers (LABS_OWN_REACH)
    """

    folder: Path
    around: Path
    projects: tuple[str, ...] = ()
    guard: str = HOOK
    mine: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    cache: str = ""
    reach: tuple[str, ...] = ()

    @classmethod
    def told(cls, environ: Mapping[str, str]) -> Places:
        """From the variables of a process."""

        def words(name: str, by: str) -> tuple[str, ...]:
            return tuple(word for word in environ.get(name, "").split(by) if word)

        folder = Path(environ["LABS_OWN_FOLDER"])
        return cls(
            folder=folder,
            around=Path(environ.get("LABS_FOLDER") or folder.parent),
            projects=tuple(map(unquote, words("LABS_OWN_PROJECTS", ":"))),
            guard=environ.get("LABS_OWN_GUARD") or HOOK,
            mine=words("LABS_OWN_MINE", ","),
            files=tuple(map(unquote, words("LABS_OWN_FILES", ":"))),
            copied=words("LABS_OWN_COPIED", ","),
            cache=environ.get("LABS_OWN_CACHE", ""),
            reach=words("LABS_OWN_REACH", " "),
        )

    def holds(self, path: str | os.PathLike[str]) -> bool:
        """Whether what is written at a path, links followed, lands in the deployment's folder."""
        real = os.path.realpath(path)
        if within(real, os.path.realpath(self.around)):
            return True
        return self.guard == OVERLAY and any(within(real, os.path.realpath(project)) for project in self.projects)


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder, or lies below it; both as realpath gives them."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
