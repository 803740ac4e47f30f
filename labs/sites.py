"""A reader's own project, from what was said on the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from labs import guard
from labs.changes import Watch
from labs.errors import OptionError
from labs.lend import lent
from labs.look import Look, look
from labs.project import project_of
from labs.site import Site

Database = Literal["copy", "mine"]
ENVIRONMENTS = (".venv", "venv", "env")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said of a project, on a command line or in a notebook.

    folder    where Python must look for it; the working folder when not named
    settings  its settings module; by default the one that its manage.py names
    wsgi      "module:callable", or the module; by default what the settings name, or `wsgi` beside them
    python    an interpreter, or the folder of a virtual environment; by default .venv, venv or env in the folder, then ours
    env       variables that its settings need, each as NAME=VALUE
    page      a page that answers when the site is up
    media, static  folders whose files a front-end serves, where there is one; by default MEDIA_ROOT and STATIC_ROOT, where they are
    database  "copy": SQLite files are copied, and the copies used; "mine": the project opens its own
    confirm   the name of that database, where it is "mine": nothing is written to it by a slip of the hand
    name      what its folder in a deployment is called, site-NAME; by default its package. Two sites need two
    """

    folder: Path | None = None
    settings: str = ""
    wsgi: str = ""
    python: Path | None = None
    env: Sequence[str] = ()
    page: str = "/"
    media: Path | None = None
    static: Path | None = None
    database: str = "copy"
    confirm: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Own:
    """A project that can be served.

    site   as it is run
    notes  what its owner should know, a sentence each
    kept   the owner's folders and files, which must be the same afterwards
    mine   databases of the owner's that pages may write to
    """

    site: Site
    notes: tuple[str, ...]
    kept: tuple[Path, ...] = ()
    mine: tuple[Path, ...] = ()

    def watch(self) -> Watch:
        """What the owner's folders are like now, to be compared afterwards."""
        return Watch(self.kept, self.mine)


def own(said: Said) -> Own:
    """The project as the labs run it: what it writes goes to the deployment's folder, and its database stays as it is.

    Raises OptionError, with the reason, for what cannot be served or was not allowed.
    """
    if said.database not in ("copy", "mine"):
        raise OptionError(f"--database {said.database}: it is copy, or mine.")
    plain, seen = _looked(said)
    site, parts = guard.guarded(plain, seen, database=said.database, name=said.name, confirm=said.confirm)
    site = replace(site, about={**seen.about, "database": said.database})
    kept = (project_of(plain.folder), *(part.original for part in parts))
    mine = tuple(seen.files.values()) if said.database == "mine" else ()
    return Own(site=site, notes=guard.notes(plain, seen, parts, database=said.database), kept=kept, mine=mine)


def as_it_is(said: Said) -> Own:
    """The project with its own settings, database and folders, for configuration that is taken to a server.

    Its settings are those that its wsgi.py names, where none were said: manage.py often names those of a desk.

    Raises OptionError, with the reason, for what cannot be served.
    """
    folder = folder_of(said.folder)
    mine, named = settings_of(folder), of_server(folder, said.wsgi)
    notes: tuple[str, ...] = ()
    if said.settings:
        if named and named[0] != said.settings:
            notes = (f"settings: {said.settings}; {named[1]} names {named[0]}, which runs where it does not ask first",)
    elif named:
        other = f"; manage.py names {mine}, which --settings {mine} takes" if mine not in ("", named[0]) else ""
        notes = (f"settings: {named[0]}, which {named[1]} names{other}",)
        said = replace(said, settings=named[0])
    elif mine:
        notes = (f"settings: {mine}, which manage.py names",)
    try:
        plain, seen = _looked(said)
    except OptionError as error:
        raise OptionError("\n".join([str(error), *notes])) from error
    return Own(site=plain, notes=(*notes, *guard.warnings(plain, seen)))


def _looked(said: Said) -> tuple[Site, Look]:
    site = project(said.folder, said.settings, said.wsgi, said.python)
    if not said.page.startswith("/"):
        raise OptionError(f"--page {said.page}: a path from the root of the site on, such as /articles/.")
    given = variables(said.env)
    site = replace(site, environment=given, private=frozenset(given), ready=said.page)
    seen = look(site, site.wsgi if said.wsgi else "")
    wsgi = ":".join(seen.wsgi.rsplit(".", 1)) if seen.wsgi else "django.core.wsgi:get_wsgi_application()"
    media = _folder("--media", said.media) or guard.served(site.folder, seen.media, seen.media_url)
    static = _folder("--static", said.static) or guard.served(site.folder, seen.static, seen.static_url)
    plain = replace(
        site,
        wsgi=wsgi,
        media=media,
        media_url=seen.media_url if guard.is_path(seen.media_url) else site.media_url,
        static=static,
        static_url=seen.static_url if guard.is_path(seen.static_url) else site.static_url,
        lent=lent(seen.packages, seen.python),
    )
    return plain, seen


def variables(said: Sequence[str]) -> Mapping[str, str]:
    """`["DEBUG=1"]` -> {"DEBUG": "1"}. Raises OptionError."""
    found = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise OptionError(f"--env {each}: it is NAME=VALUE, such as DJANGO_SECRET_KEY=x.")
        found[name] = value
    return found


def project(folder: Path | None, settings: str, wsgi: str = "", python: Path | None = None) -> Site:
    """A Site for a Django project, by what lies in its folder; nothing of it is run.

    Raises OptionError for what is not there.
    """
    folder = folder_of(folder)
    settings = settings or settings_of(folder)
    if not settings:
        raise OptionError(f"{folder} has no manage.py that names a settings module. Name it: --settings shop.settings")
    module = folder / Path(*settings.split("."))
    # A package that is not in the folder may be installed in the project's Python: that one will know.
    here = (folder / settings.partition(".")[0]).is_dir()
    if here and not (module.with_suffix(".py").exists() or (module / "__init__.py").exists()):
        raise OptionError(
            f"{folder} holds no {settings}. --site is the folder that holds the package, beside manage.py."
        )
    application = wsgi or f"{settings.rpartition('.')[0] or settings}.wsgi"
    application += "" if ":" in application else ":application"
    return Site(folder=folder, settings=settings, wsgi=application, python=interpreter(python, folder))


def folder_of(folder: Path | None) -> Path:
    """The project's folder, from the root on. Raises OptionError where there is none."""
    try:
        folder = (folder or Path.cwd()).expanduser().resolve()
    except RuntimeError as error:  # ~somebody who has no home
        raise OptionError(f"--site {folder}: {error}") from error
    if not folder.is_dir():
        raise OptionError(f"There is no folder {folder}: name the one that holds the project (--site).")
    return folder


def of_server(folder: Path, wsgi: str = "") -> tuple[str, str] | None:
    """The settings module that a project's wsgi.py names, and that file's name; None where it names none.

    wsgi  "module:callable", or the module, where it was said; otherwise the wsgi.py of the package whose settings manage.py
          names, or of a package above, or the only one of the project's folders
    """
    if wsgi:
        files = [Path(*wsgi.partition(":")[0].split(".")).with_suffix(".py")]
    else:
        packages = settings_of(folder).split(".")[:-1]
        files = [Path(*packages[:depth], "wsgi.py") for depth in range(len(packages), 0, -1)]
        found = [path.relative_to(folder) for path in folder.glob("*/wsgi.py")]
        files += found if len(found) == 1 else []
    for file in files:
        if settings := settings_of(folder, file):
            return settings, str(file)
    return None


def settings_of(folder: Path, file: Path = Path("manage.py")) -> str:
    """The settings module that a project's manage.py names, as startproject writes it, or another file of it; empty without
    one."""
    try:
        text = (folder / file).read_text("utf-8", "replace")
    except OSError:
        return ""
    found = re.search(r"""DJANGO_SETTINGS_MODULE["']\]?\s*[,=]\s*["']([\w.]+)["']""", text)
    return found[1] if found else ""


def interpreter(python: Path | None, folder: Path | None = None) -> Path:
    """The interpreter that was meant: a file, the one in a virtual environment's folder, or the project's own."""
    if python is None:
        near = [folder / name for name in ENVIRONMENTS] if folder else []
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
