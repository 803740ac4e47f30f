"""A reader's own project, from what was said on the command line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from labs.errors import OptionError
from labs.site import Site


def project(folder: Path | None, settings: str, wsgi: str = "", python: Path | None = None) -> Site:
    """A Site for a Django project.

    folder    where Python must look for it; the working folder when not named
    settings  its settings module; by default the one that its manage.py names
    wsgi      "module:callable", or the module; by default `wsgi` beside the settings, as startproject makes it
    python    an interpreter, or the folder of a virtual environment; ours when not named

    Raises OptionError for what is not there.
    """
    folder = (folder or Path.cwd()).expanduser().resolve()
    settings = settings or settings_of(folder)
    if not settings:
        raise OptionError(f"{folder} has no manage.py that names a settings module. Name it: --settings shop.settings")
    module = folder / Path(*settings.split("."))
    if not (module.with_suffix(".py").exists() or (module / "__init__.py").exists()):
        raise OptionError(
            f"{folder} holds no {settings}. --site is the folder that holds the package, beside manage.py."
        )
    application = wsgi or f"{settings.rpartition('.')[0] or settings}.wsgi"
    application += "" if ":" in application else ":application"
    return Site(folder=folder, settings=settings, wsgi=application, python=interpreter(python))


def settings_of(folder: Path) -> str:
    """The settings module that a project's manage.py names, as startproject writes it; empty without one."""
    try:
        text = (folder / "manage.py").read_text("utf-8")
    except OSError:
        return ""
    found = re.search(r"""DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""", text)
    return found[1] if found else ""


def interpreter(python: Path | None) -> Path:
    """The interpreter that was meant: a file, or the one in a virtual environment's folder."""
    if python is None:
        return Path(sys.executable)
    python = python.expanduser()
    if python.is_dir():
        python = python / "bin" / "python"
    if not python.exists():
        raise OptionError(f"There is no interpreter at {python}.")
    return python.absolute()  # not resolved: a link in a virtual environment is what makes it one
