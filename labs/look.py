"""A look at a reader's project: what its settings say, asked in its own interpreter. Opens no database, writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.advice import advice
from labs.errors import OptionError
from labs.paths import APPS
from labs.servers.base import PASSED_ON
from labs.site import Site

SCRIPT = APPS / "labs_own_site" / "look.py"
MARK = "labs_own_site:"
PATIENCE = 60.0  # seconds that a project's settings may take to load
NAMED_ALONE = "Of your shell's variables a project gets only those that you name: --env NAME=VALUE, once for each."
PYTHON = (3, 10)  # what labs/apps is written for
DJANGO = (3, 2)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen.

    python      version of its interpreter, such as (3, 11)
    django      version of its Django
    packages    whether the interpreter has flup, gunicorn and what else could be lent
    debug       DEBUG
    databases   alias -> engine, name and host
    caches      alias -> engine and name
    https       SECURE_SSL_REDIRECT
    media, static, media_url, static_url  the settings, empty where they are
    wsgi        "module.callable", or empty for Django's own
    """

    python: tuple[int, int]
    django: str
    packages: Mapping[str, bool]
    debug: bool
    databases: Mapping[str, Mapping[str, str]]
    caches: Mapping[str, Mapping[str, str]]
    https: bool
    media: str
    static: str
    media_url: str
    static_url: str
    wsgi: str

    @property
    def files(self) -> dict[str, Path]:
        """Databases that are SQLite files: alias -> file, whether it is there or not."""
        return {
            alias: Path(one["name"])
            for alias, one in self.databases.items()
            if _sqlite(one["engine"]) and one["name"] and "memory" not in one["name"]
        }

    @property
    def servers(self) -> list[str]:
        """Databases that a server keeps, in words."""
        found = []
        for alias, one in self.databases.items():
            if one["engine"] and not _sqlite(one["engine"]) and not one["engine"].endswith(".dummy"):
                kind, host = one["engine"].rpartition(".")[2], one["host"]
                found.append(f"{alias} ({kind} at {host})" if host else f"{alias} ({kind})")
        return found


def _sqlite(engine: str) -> bool:
    return "sqlite" in engine or "spatialite" in engine


def look(site: Site, wsgi: str = "", *, patience: float = PATIENCE) -> Look:
    """Load the settings of a project in its own interpreter and say what a deployment must know.

    wsgi      "module:callable", where the reader has named one
    patience  seconds that the settings may take to load

    Raises OptionError, with the reason and what to do, for a project that cannot be served.
    """
    answer = _ask(site, wsgi, patience)
    python = answer["python"]
    if tuple(python) < PYTHON:
        raise OptionError(
            f"{site.python} is Python {python[0]}.{python[1]}. The labs serve projects from Python "
            f"{PYTHON[0]}.{PYTHON[1]} on."
        )
    if "error" in answer:
        raise OptionError(_why(site, answer))
    if answer["django"] is None:
        raise OptionError(
            f"{site.python} has no Django. Name the project's own: --python VENV or --python VENV/bin/python"
        )
    if tuple(map(int, answer["django"].split(".")[:2])) < DJANGO:
        raise OptionError(f"This project runs on Django {answer['django']}. The labs serve Django 3.2 and newer.")
    if not answer["urls"]:
        raise OptionError(
            f"{site.settings} names no ROOT_URLCONF. Is it the settings module? Settings in classes (django-configurations) "
            "are not served: name a module that holds the names themselves."
        )
    if wsgi and not answer["wsgi"]:
        raise OptionError(f"Python finds no module for --wsgi {wsgi}.")
    if answer["asgi"] and not answer["wsgi"]:
        raise OptionError(
            f"{site.settings} names an ASGI application, and the project has no WSGI application. FastCGI, CGI and gunicorn's "
            "own workers speak WSGI only. Its ordinary pages can be served if it gets a wsgi.py; websockets cannot."
        )
    kept = {name: answer[name] for name in Look.__dataclass_fields__}
    return Look(**{**kept, "python": (python[0], python[1])})


def _ask(site: Site, wsgi: str, patience: float) -> dict[str, Any]:
    command = [str(site.python), "-B", str(SCRIPT), site.settings, wsgi]
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment = {**passed, **site.launch_environment()}
    try:
        said = subprocess.run(
            command,
            cwd=site.folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OptionError(
            f"Loading {site.settings} took more than {patience:g} s. Does it wait for a server that does not run? "
            "--start-timeout gives it more."
        ) from None
    except OSError as error:
        raise OptionError(f"{site.python} cannot be run: {error.strerror}.") from error
    for line in reversed(said.stdout.splitlines()):
        if line.startswith(MARK):
            answer: dict[str, Any] = json.loads(line.removeprefix(MARK))
            return answer
    raise OptionError(f"Loading {site.settings} ended Python (exit status {said.returncode}):\n{_last(said.stderr)}")


def _why(site: Site, answer: Mapping[str, Any]) -> str:
    """The reason why settings do not load, with what usually helps."""
    error, kind, name = str(answer["error"]), answer["kind"], str(answer["name"])
    if kind == "ModuleNotFoundError" and site.settings.startswith(name):
        return (
            f"{site.folder} holds no {site.settings}, and {site.python} has none either. --site is the folder that holds the "
            "package, beside manage.py."
        )
    text = f"{site.settings} does not load: {error}"
    if kind in ("ModuleNotFoundError", "ImportError"):
        return f"{text}\nIs {site.python} the project's own Python? Name it: --python VENV"
    tips = advice(answer["traceback"]) or [NAMED_ALONE]
    near = next((file for each in (site.folder, site.whole) if (file := each / ".env").is_file()), None)
    if near and any("--env" in tip for tip in tips):
        tips.append(f"It may be in {near}: --env-file {near}")
    return "\n".join([text, _last(answer["traceback"]), *tips])


def _last(traceback: str, lines: int = 5) -> str:
    return "\n".join(f"  {line.strip()}" for line in traceback.strip().splitlines()[-lines:])
