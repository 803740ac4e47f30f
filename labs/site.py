"""The site under test. The newsroom is only the default: every deployment takes any Django project."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labs import quoting
from labs.errors import OptionError
from labs.paths import APPS, BYTECODE

HIDDEN = "(not shown)"  # in place of the value of a private variable


@dataclass(frozen=True, kw_only=True)
class Site:
    """A Django project, as a deployment needs to know it.

    folder       the folder that Python must have on its path, where manage.py usually lies
    settings     DJANGO_SETTINGS_MODULE
    wsgi         "module:callable" of the WSGI application
    python       the interpreter that has Django and whatever the project imports
    environment  variables for the project's processes, beside the ones that a deployment sets
    variables    which environment variable plays which part, so that a deployment can move the database or the cache
                 by a setting alone. Parts: burn (processor time), database, cache, cache_pages, cookie_path, media_root,
                 media_url, serve_media
    database     an SQLite file; a deployment works on a copy, never on the file itself
    media        the folder of media files, or None
    media_url    the path under which they are asked for
    static       the folder that collectstatic filled, or None where the project serves those files itself
    static_url   the path under which they are asked for
    copies       name in a deployment's folder -> a file or folder that is copied there before anything starts
    path         further folders in which Python must look, such as src
    root         the whole project, where `folder` is only a part of it
    lent         folders with packages that the project's interpreter lacks, such as flup
    place        the folder within a deployment's that this site writes to; empty for one that needs none
    shielded     folders that no server of a deployment may change, its project first; none: no more is done than to copy
    ready        a page that answers 200 when the site is up
    manage       manage.py, when the project's own command should run FastCGI
    private      names of variables whose values are the reader's own affair: no record of a run holds them
    about        what was seen of a reader's project, for a record of it: DEBUG, its middleware, kinds of databases
    """

    folder: Path
    settings: str
    wsgi: str
    python: Path = Path(sys.executable)
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    database: Path | None = None
    media: Path | None = None
    media_url: str = "/media/"
    static: Path | None = None
    static_url: str = "/static/"
    copies: Mapping[str, Path] = field(default_factory=dict)
    path: tuple[Path, ...] = ()
    root: Path | None = None
    lent: tuple[Path, ...] = ()
    place: str = ""
    shielded: tuple[Path, ...] = ()
    ready: str = "/"
    manage: Path | None = None
    private: frozenset[str] = frozenset()
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> Path:
        """The folder of the whole project: what must stay as it is."""
        return self.root or self.folder

    def with_environment(self, **parts: str) -> Site:
        """The same site with the variables of some parts set.

        Raises OptionError when the project has no variable for a part.
        """
        unknown = [part for part in parts if part not in self.variables]
        if unknown:
            raise OptionError(
                f"{self.settings} takes no {unknown[0].replace('_', ' ')} from the environment. "
                f"Name the variable in Site(variables={{{unknown[0]!r}: ...}})."
            )
        extra = {self.variables[part]: value for part, value in parts.items()}
        return replace(self, environment={**self.environment, **extra})

    def without_values(self) -> Site:
        """The same site as a record may show it: its private variables without their values."""
        kept = {name: HIDDEN if name in self.private else value for name, value in self.environment.items()}
        return replace(self, environment=kept)

    def launch_environment(self) -> dict[str, str]:
        """Variables for a process of this site: its own, the settings module, and where Python finds both."""
        return {
            "DJANGO_SETTINGS_MODULE": self.settings,
            "PYTHONPATH": ":".join(map(str, (self.folder, *self.path, APPS, *self.lent))),
            "PYTHONUNBUFFERED": "1",
            # Byte code is kept, or every CGI request would compile the site, but not in the reader's project.
            "PYTHONPYCACHEPREFIX": str(BYTECODE),
            **self.environment,
        }

    def check(self) -> None:
        """Raise OptionError when the project cannot be there, or its path cannot be handed to Python."""
        if not self.folder.is_dir():
            raise OptionError(f"There is no folder {self.folder}: name the one that holds the project (--site).")
        for path in (self.folder, *self.path, APPS, *self.lent):
            quoting.held("PYTHONPATH", str(path), ":")
            if "{folder}" in str(path):
                raise OptionError(
                    f"The labs use {{folder}} for their own folder, and cannot serve what lies in {path}."
                )
        if not self.python.exists():
            raise OptionError(f"There is no interpreter {self.python}: name the project's own (--python).")
