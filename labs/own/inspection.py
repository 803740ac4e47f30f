"""A look at a reader's project: what its settings say, asked in its own interpreter. Opens no database, writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.errors import OptionError
from labs.own.project import project_of
from labs.own.shield import ASKED, SANDBOX, empty
from labs.paths import APPS
from labs.servers.advice import advice
from labs.servers.base import passed_on
from labs.site import Site
from labs.supervisor.sandbox import CANNOT

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
    middleware  MIDDLEWARE, in its order
    backends    of the caches: alias -> engine
    databases   alias -> engine, name, host, file, and what is different about one that can be no copy
    storages    alias -> the folder that its options name
    replaced    what the labs put others in the place of, a sentence each
    addresses   names of settings that lead to a server
    https       SECURE_SSL_REDIRECT
    media, static, media_url, static_url  the settings, empty where they are
    wsgi        "module.callable", or empty for Django's own
    """

    python: tuple[int, int]
    django: str
    packages: Mapping[str, bool]
    debug: bool
    middleware: Sequence[str]
    backends: Mapping[str, str]
    databases: Mapping[str, Mapping[str, str]]
    storages: Mapping[str, str]
    replaced: Sequence[str]
    addresses: Sequence[str]
    https: bool
    media: str
    static: str
    media_url: str
    static_url: str
    wsgi: str

    @property
    def files(self) -> dict[str, Path]:
        """Databases that are SQLite files: alias -> file, whether it is there or not."""
        return {a: Path(one["file"]) for a, one in self.databases.items() if one["file"] and not one["different"]}

    @property
    def about(self) -> dict[str, Any]:
        """What a record says of the settings: enough to tell two runs apart, and no address, no name of a database, no secret."""
        return {
            "django": self.django,
            "debug": self.debug,
            "middleware": list(self.middleware),
            "databases": {alias: one["engine"] for alias, one in self.databases.items()},
            "caches": dict(self.backends),
        }

    @property
    def others(self) -> dict[str, str]:
        """Databases that cannot be copied: alias -> what each is, in words."""
        found = {}
        for alias, one in self.databases.items():
            if one["different"]:
                kind, host = one["engine"].rpartition(".")[2], one["host"]
                what = "" if one["different"] == "it is not SQLite" else f"; {one['different']}"
                found[alias] = f"{alias} ({kind} at {host}{what})" if host else f"{alias} ({kind}{what})"
        return found


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
    asked = [str(site.python), "-B", str(SCRIPT), site.settings, wsgi]
    try:
        said = _guarded(site, asked, patience)
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


def _guarded(site: Site, asked: list[str], patience: float) -> subprocess.CompletedProcess[str]:
    """Settings are code, and may write as they load: into memory, where the system allows it, else they are refused it."""
    if os.environ.get(ASKED) != "hook":
        place = empty()
        plan = {"projects": [str(project_of(site.whole))], "writable": [], "mount": str(place)}
        enter = [sys.executable, "-I", "-S", str(SANDBOX), json.dumps(plan)]
        said = _run(site, [*enter, *asked], patience, TMPDIR=str(place))
        if said.returncode != CANNOT:
            return said
    with tempfile.TemporaryDirectory(prefix="labs-") as temporary:
        return _run(site, asked, patience, TMPDIR=temporary, LABS_LOOK_GUARD="hook")


def _run(site: Site, command: list[str], patience: float, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=site.folder,
        env={**passed_on(), **site.launch_environment(), **variables},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=patience,
        check=False,
    )


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
