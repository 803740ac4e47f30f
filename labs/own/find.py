"""A reader's own project, from what was said on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from labs.errors import OptionError
from labs.own import debug, isolation
from labs.own.changes import State, Watch, state
from labs.own.inspection import Look, look
from labs.own.layout import holds, home, layout, of_manage, of_server
from labs.own.packages import lent
from labs.own.project import project_of
from labs.own.variables import given
from labs.servers.base import START_TIMEOUT
from labs.site import Site

Database = Literal["copy", "mine"]
ENVIRONMENTS = (".venv", "venv", "env")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said of a project, on a command line or in a notebook.

    folder    where it lies; the working folder when not named. manage.py may be in it, or in a folder below
    settings  its settings module; by default the one that its variables, its manage.py or its wsgi.py name
    wsgi      "module:callable", or the module; by default what the settings name, or `wsgi` beside them
    python    an interpreter, or the folder of a virtual environment; by default .venv, venv or env in the folder, then ours
    env       variables that its settings need, each as NAME=VALUE
    env_file  a file of such variables, as many a project has one in .env; what is in `env` comes before it
    debug     "off" or "on": DEBUG for the run; "as-is": the project's own
    page      a page that answers when the site is up
    media, static  folders whose files a front-end serves, where there is one; by default MEDIA_ROOT and STATIC_ROOT, where they are
    database  "copy": SQLite files are copied, and the copies used; "mine": the project opens its own
    confirm   the name of that database, where it is "mine": nothing is written to it by a slip of the hand
    name      what its folder in a deployment is called, site-NAME; by default its package. Two sites need two
    start_timeout  seconds that its settings may take to load; a start is given as many by `deploy`
    """

    folder: Path | None = None
    settings: str = ""
    wsgi: str = ""
    python: Path | None = None
    env: Sequence[str] = ()
    env_file: Path | None = None
    debug: str = "as-is"
    page: str = "/"
    media: Path | None = None
    static: Path | None = None
    database: str = "copy"
    confirm: str = ""
    name: str = ""
    start_timeout: float = START_TIMEOUT


@dataclass(frozen=True, kw_only=True)
class Own:
    """A project that can be served.

    site   as it is run
    notes  what its owner should know, a sentence each
    kept   the owner's folders and files, which must be the same afterwards
    mine   databases of the owner's that pages may write to
    state  what the project was like before anything of it ran; None where it has too many files
    """

    site: Site
    notes: tuple[str, ...]
    kept: tuple[Path, ...] = ()
    mine: tuple[Path, ...] = ()
    state: State | None = None

    def watch(self) -> Watch:
        """What the owner's folders were like, to be compared afterwards."""
        return Watch(self.kept, self.mine, earlier=self.state)


def own(said: Said) -> Own:
    """The project as the labs run it: what it writes goes to the deployment's folder, and its database stays as it is.

    Raises OptionError, with the reason, for what cannot be served or was not allowed.
    """
    if said.database not in ("copy", "mine"):
        raise OptionError(f"--database {said.database}: it is copy, or mine.")
    wanted = debug.checked(said.debug)
    top = project_of(_root(said.folder))
    before = state(top)
    plain, looked, found = _looked(said)
    seen = debug.seen(looked, wanted)
    guarded, parts = isolation.guarded(plain, seen, database=said.database, name=said.name, confirm=said.confirm)
    guarded = replace(guarded, about={**seen.about, "database": said.database})
    notes = isolation.notes(plain, seen, parts, database=said.database)
    kept = (top, *(part.original for part in parts))
    mine = tuple(seen.files.values()) if said.database == "mine" else ()
    return Own(
        site=debug.turned(guarded, wanted),
        notes=(*found, *notes, *debug.notes(plain, looked, wanted)),
        kept=kept,
        mine=mine,
        state=before,
    )


def as_it_is(said: Said) -> Own:
    """The project with its own settings, database and folders, for configuration that is taken to a server.

    Its settings are those that its wsgi.py names, where none were said: manage.py often names those of a desk.

    Raises OptionError, with the reason, for what cannot be served.
    """
    folder = _root(said.folder)
    explicit = said.settings or given(said.env, said.env_file, folder)[0].get("DJANGO_SETTINGS_MODULE", "")
    mine, named = of_manage(home(folder)), of_server(home(folder), said.wsgi)
    notes: tuple[str, ...] = ()
    if not explicit and named and mine and holds(home(folder), mine) and not holds(home(folder), named[0]):
        notes = (
            f"settings: {mine}, which manage.py names; {named[1]} names {named[0]}, which the project does not hold",
        )
        said = replace(said, settings=mine)
    elif explicit:
        if named and named[0] != explicit:
            notes = (f"settings: {explicit}; {named[1]} names {named[0]}, which runs where it does not ask first",)
    elif named:
        other = f"; manage.py names {mine}, which --settings {mine} takes" if mine not in ("", named[0]) else ""
        notes = (f"settings: {named[0]}, which {named[1]} names{other}",)
        said = replace(said, settings=named[0])
    elif mine:
        notes = (f"settings: {mine}, which manage.py names",)
    try:
        plain, seen, found = _looked(said)
    except OptionError as error:
        raise OptionError("\n".join([str(error), *notes])) from error
    return Own(site=plain, notes=(*notes, *found, *isolation.warnings(plain, seen)))


def _looked(said: Said) -> tuple[Site, Look, tuple[str, ...]]:
    """The project as it is, what its settings say, and what was found by looking."""
    folder = _root(said.folder)
    environment, notes = given(said.env, said.env_file, folder)
    named = environment.pop("DJANGO_SETTINGS_MODULE", "")
    site, more = _project(folder, said.settings or named, said.wsgi, said.python)
    if not said.page.startswith("/"):
        raise OptionError(f"--page {said.page}: a path from the root of the site on, such as /articles/.")
    named_path = [each for each in environment.pop("PYTHONPATH", "").split(":") if each]
    path = dict.fromkeys((*site.path, *((folder / each).resolve() for each in named_path)))
    site = replace(site, path=tuple(path), environment=environment, private=frozenset(environment), ready=said.page)
    seen = look(site, site.wsgi if said.wsgi else "", patience=said.start_timeout)
    wsgi = ":".join(seen.wsgi.rsplit(".", 1)) if seen.wsgi else "django.core.wsgi:get_wsgi_application()"
    media = _folder("--media", said.media) or isolation.served(site.folder, seen.media, seen.media_url)
    static = _folder("--static", said.static) or isolation.served(site.folder, seen.static, seen.static_url)
    plain = replace(
        site,
        wsgi=wsgi,
        media=media,
        media_url=seen.media_url if isolation.is_path(seen.media_url) else site.media_url,
        static=static,
        static_url=seen.static_url if isolation.is_path(seen.static_url) else site.static_url,
        lent=lent(seen.packages, seen.python),
    )
    return plain, seen, (*more, *notes)


def settings_of(folder: Path) -> str:
    """The settings module that would be found in a project's folder; empty where none is, or more than one."""
    try:
        return layout(_root(folder), "").settings
    except OptionError:
        return ""


def project(folder: Path | None, settings: str, wsgi: str = "", python: Path | None = None) -> Site:
    """A Site for a Django project, by what lies in its folder; nothing of it is run.

    Raises OptionError for what is not there.
    """
    return _project(_root(folder), settings, wsgi, python)[0]


def _root(folder: Path | None) -> Path:
    """The project's folder, from the root on. Raises OptionError where there is none."""
    try:
        folder = (folder or Path.cwd()).expanduser().resolve()
    except RuntimeError as error:  # ~somebody who has no home
        raise OptionError(f"--site {folder}: {error}") from error
    if not folder.is_dir():
        raise OptionError(f"There is no folder {folder}: name the one that holds the project (--site).")
    return folder


def _project(root: Path, settings: str, wsgi: str, python: Path | None) -> tuple[Site, tuple[str, ...]]:
    found = layout(root, settings)
    application = wsgi or f"{found.settings.rpartition('.')[0] or found.settings}.wsgi"
    application += "" if ":" in application else ":application"
    site = Site(
        folder=found.folder,
        root=root,
        path=found.path,
        settings=found.settings,
        wsgi=application,
        python=interpreter(python, found.folder, root),
    )
    return site, found.notes


def interpreter(python: Path | None, *folders: Path) -> Path:
    """The interpreter that was meant: a file, the one in a virtual environment's folder, or the project's own, in one of the
    folders."""
    if python is None:
        near = [folder / name for folder in folders for name in ENVIRONMENTS]
        return next((each / "bin/python" for each in near if (each / "bin/python").exists()), Path(sys.executable))
    python = python.expanduser()
    if python.is_dir():
        python = python / "bin" / "python"
    if not python.exists():
        raise OptionError(f"There is no interpreter at {python}.")
    return python.absolute()  # not resolved: a link in a virtual environment is what makes it one


def _folder(option: str, folder: Path | None) -> Path | None:
    if folder is None:
        return None
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise OptionError(f"{option} {folder}: there is no such folder.")
    return folder
