"""The project's settings, changed where it would otherwise write beside itself, or refuse a request from this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import caches, databases, logs, mail, paths, queues, storages
from .places import OVERLAY, Places, within

# This machine, and the names under which two sites are told apart: .test is nobody's (RFC 6761)
NAMES = ["127.0.0.1", "localhost", "[::1]", ".test"]
PROOF = "labs_own_site.apps.Proof"
SESSIONS = "django.contrib.sessions.backends."


class Turned(NamedTuple):
    """Settings that take the place of the project's own; folders that they need; what was replaced, a sentence each."""

    settings: dict[str, Any]
    folders: tuple[Path, ...]
    said: tuple[str, ...]


def turned(names: dict[str, Any], places: Places, environ: Mapping[str, str]) -> Turned:
    """Settings of a run. Nothing is made yet, and no lazy value is asked what it stands for.

    names    the project's settings
    environ  LABS_HOSTS: addresses of the deployment's machines; LABS_OWN_MEDIA_URL, LABS_OWN_STATIC_URL, LABS_OWN_COOKIE_PATH: set where a deployment moves these;
             LABS_OWN_WSGI: "module.callable"
    """
    folder = places.folder
    found = roots(names, places)
    found.update(mail.turned({**names, **found}, places))
    queued, said = queues.turned(names)
    found.update(queued)
    now = {**names, **found}
    stored, more = storages.turned(now, places)
    found.update(stored)
    said += more
    found["DATABASES"] = databases.turned(now.get("DATABASES") or {}, places)
    found["CACHES"], more = caches.turned(now.get("CACHES") or {}, places)
    said += more
    found["LOGGING"], more = logs.turned(now.get("LOGGING"), places)
    said += more
    found.update(
        WSGI_APPLICATION=environ.get("LABS_OWN_WSGI") or None,
        # The labs' front-ends have no certificate; a redirect to https would be the only page.
        SECURE_SSL_REDIRECT=False,
        ALLOWED_HOSTS=[*(names.get("ALLOWED_HOSTS") or []), *NAMES, *environ.get("LABS_HOSTS", "").split()],
        INSTALLED_APPS=[*(names.get("INSTALLED_APPS") or []), PROOF],
        FILE_UPLOAD_TEMP_DIR=str(places.around / "tmp"),
        SESSION_FILE_PATH=str(folder / "sessions"),
        DEBUG={"off": False, "on": True}.get(environ.get("LABS_OWN_DEBUG", "")),  # None leaves the project's own
    )
    for part in ("MEDIA", "STATIC"):
        if environ.get("LABS_OWN_" + part + "_URL"):
            found[part + "_URL"] = environ["LABS_OWN_" + part + "_URL"]
    if environ.get("LABS_OWN_COOKIE_PATH"):
        found["SESSION_COOKIE_PATH"] = found["CSRF_COOKIE_PATH"] = environ["LABS_OWN_COOKIE_PATH"]
    needs = [folder / "log"]
    needs += [folder / "database"] if any(part.startswith("database:") for part in places.copied) else []
    needs += [folder / "sessions"] if str(names.get("SESSION_ENGINE", "")) == SESSIONS + "file" else []
    kept = {name: value for name, value in found.items() if value is not None or name == "WSGI_APPLICATION"}
    return Turned(kept, tuple(needs), tuple(said))


def roots(names: dict[str, Any], places: Places) -> dict[str, Any]:
    """MEDIA_ROOT and STATIC_ROOT in the run's folder, and with them every setting that names what lies below one.

    A folder that was too large to be copied stays where it is if an overlay lies over it; so does one of static files, which
    no page writes. Without a MEDIA_ROOT uploads would land in the working folder.
    """
    found: dict[str, Any] = {}
    for part in sorted(("MEDIA", "STATIC"), key=lambda part: -len(str(names.get(part + "_ROOT") or ""))):
        root, there = names.get(part + "_ROOT"), places.folder / part.lower()
        if not root:
            found.update({} if part == "STATIC" else {"MEDIA_ROOT": str(there)})
        elif part.lower() in places.copied or not (part == "STATIC" or _seen(root, places)):
            whole = any(within(os.path.realpath(project), os.path.realpath(root)) for project in places.projects)
            found.update(paths.moved({**names, **found}, root, there, exactly=whole))
            found[part + "_ROOT"] = str(there)  # one of a single word, "media", is not known for a path by its text
    return found


def _seen(root: Any, places: Places) -> bool:
    real = os.path.realpath(root)
    return places.guard == OVERLAY and any(within(real, os.path.realpath(each)) for each in places.projects)
