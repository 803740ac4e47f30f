"""The project's settings, changed where it would otherwise write beside itself, or refuse a request from this machine."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

# This machine, and the names under which two sites are told apart: .test is nobody's (RFC 6761)
NAMES = ["127.0.0.1", "localhost", "[::1]", ".test"]


def turned(names: dict[str, Any], folder: Path, environ: dict[str, str]) -> dict[str, Any]:
    """Settings that take the place of the project's own.

    names    the project's settings
    folder   where everything that it writes goes
    environ  LABS_OWN_DATABASES: aliases whose copy lies in the folder, separated by commas; LABS_OWN_MEDIA,
             LABS_OWN_STATIC: set where such a folder lies in it; LABS_OWN_MEDIA_URL, LABS_OWN_STATIC_URL,
             LABS_OWN_COOKIE_PATH, LABS_OWN_CACHE: set where a deployment moves these; LABS_OWN_WSGI: "module.callable"
    """
    found: dict[str, Any] = {
        "WSGI_APPLICATION": environ.get("LABS_OWN_WSGI") or None,
        # The labs' front-ends have no certificate; a redirect to https would be the only page.
        "SECURE_SSL_REDIRECT": False,
        "ALLOWED_HOSTS": [*names.get("ALLOWED_HOSTS", []), *NAMES],
        # A load test signs up, resets passwords, orders: nobody gets a letter of it.
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(folder / "mail"),
        "LOGGING": logging(names.get("LOGGING") or {}, folder),
        "SESSION_FILE_PATH": None,
        "DEBUG": {"off": False, "on": True}.get(environ.get("LABS_OWN_DEBUG", "")),  # None leaves the project's own
    }
    if str(names.get("SESSION_ENGINE", "")).endswith(".file"):
        (folder / "sessions").mkdir(parents=True, exist_ok=True)
        found["SESSION_FILE_PATH"] = str(folder / "sessions")
    aliases = [alias for alias in environ.get("LABS_OWN_DATABASES", "").split(",") if alias]
    if aliases:
        databases = copy.deepcopy(names["DATABASES"])
        (folder / "database").mkdir(parents=True, exist_ok=True)
        for alias in aliases:
            databases[alias]["NAME"] = str(folder / "database" / (alias + ".sqlite3"))
        found["DATABASES"] = databases
    found["CACHES"] = caches(names.get("CACHES") or {}, folder, environ.get("LABS_OWN_CACHE", ""))
    for part in ("MEDIA", "STATIC"):
        root = names.get(part + "_ROOT")
        if root:
            found.update(moved({**names, **found}, root, folder / part.lower()))
        if environ.get("LABS_OWN_" + part + "_URL"):
            found[part + "_URL"] = environ["LABS_OWN_" + part + "_URL"]
    if environ.get("LABS_OWN_COOKIE_PATH"):
        found["SESSION_COOKIE_PATH"] = found["CSRF_COOKIE_PATH"] = environ["LABS_OWN_COOKIE_PATH"]
    return {name: value for name, value in found.items() if value is not None or name == "WSGI_APPLICATION"}


def logging(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The same logging, into files of the same names in the folder's log; what fails is told on standard error too.

    Without DEBUG, Django's own logging sends errors by mail and nowhere else.
    """
    config = {"version": 1, "disable_existing_loggers": False, **copy.deepcopy(config)}
    config["handlers"] = {**config.get("handlers", {}), "labs": {"class": "logging.StreamHandler"}}
    loggers = config["loggers"] = dict(config.get("loggers", {}))
    request = loggers["django.request"] = dict(loggers.get("django.request", {"level": "ERROR"}))
    request["handlers"] = [*request.get("handlers", ()), "labs"]
    for handler in config.get("handlers", {}).values():
        if isinstance(handler, dict) and handler.get("filename"):
            (folder / "log").mkdir(parents=True, exist_ok=True)
            handler["filename"] = str(folder / "log" / Path(str(handler["filename"])).name)
    return config


def caches(config: dict[str, Any], folder: Path, moved_to: str) -> dict[str, Any] | None:
    """The same caches, those in files in the folder; the default one in memcached where a deployment brings it."""
    config = copy.deepcopy(config)
    for alias, cache in config.items():
        if str(cache.get("BACKEND", "")).endswith("FileBasedCache"):
            cache["LOCATION"] = str(folder / "cache" / alias)
    if moved_to:
        location = moved_to.removeprefix("memcached://")
        location = "unix:" + location if location.startswith("/") else location
        config["default"] = {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": location,
        }
    return config or None


def moved(names: dict[str, Any], root: Any, there: Path) -> dict[str, Any]:
    """Every setting that names the folder `root`, directly or in the options of a storage, naming `there` instead."""

    def other(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: other(inner) for key, inner in value.items()}
        if isinstance(value, (str, os.PathLike)) and str(value) and same(value, root):
            return type(value)(str(there)) if isinstance(value, (str, Path)) else there
        return value

    wanted = {name: value for name, value in names.items() if name == "STORAGES" or not isinstance(value, dict)}
    changed = {name: other(value) for name, value in wanted.items()}
    return {name: value for name, value in changed.items() if value != names[name]}


def same(one: Any, two: Any) -> bool:
    """Whether two settings name the same folder."""
    return bool(os.path.normpath(os.fspath(one)) == os.path.normpath(os.fspath(two)))
