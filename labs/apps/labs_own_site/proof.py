"""The proof that what a project can write lies in the run's folder: its live objects, each asked where it writes.

python -m labs_own_site.proof     loads the project as a server would; exit status 3 and a line each for what is not proved
"""

from __future__ import annotations

import importlib
import logging
import logging.handlers
import socket
from collections.abc import Iterator
from typing import Any

from .caches import MEMCACHED
from .databases import NONE, attaches, file_of, is_sqlite
from .places import Places

MARK = "not proved: "
SESSIONS = "django.contrib.sessions.backends."


class NotProvedError(Exception):
    """Something could be written outside the run's folder; the message names each, a line each."""


def prove(places: Places) -> None:
    """Raise NotProvedError, with every name, unless all that settings and models name lies in the run's folder."""
    found = [
        *databases(places),
        *caches(places),
        *sessions(),
        *storages(places),
        *folders(places),
        *handlers(places),
    ]
    if found:
        raise NotProvedError("\n".join(MARK + each for each in found))


def databases(places: Places) -> Iterator[str]:
    """Databases that are neither copies, nor in memory, nor allowed."""
    from django.conf import settings

    for alias, one in settings.DATABASES.items():
        engine = str(one.get("ENGINE", ""))
        if engine in NONE or alias in places.mine:
            continue
        different = is_sqlite(engine)
        file = None if different else file_of(one["NAME"])
        if different:
            yield f"database {alias} ({engine}): {different}"
        elif file and not places.holds(file):
            yield f"database {alias}: {file}"
        elif attaches(one.get("OPTIONS")):
            yield f"database {alias}: its init_command opens further files (ATTACH)"


def caches(places: Places) -> Iterator[str]:
    """Caches outside the run."""
    from django.conf import settings
    from django.core.cache import caches as live
    from django.core.cache.backends import db, dummy, filebased, locmem

    for alias in settings.CACHES:
        cache = live[alias]
        if isinstance(cache, filebased.FileBasedCache):
            folder = vars(cache)["_dir"]  # the only place where it stands
            if not places.holds(folder):
                yield f"cache {alias}: {folder}"
        elif isinstance(cache, (db.DatabaseCache, dummy.DummyCache, locmem.LocMemCache)):
            continue
        elif settings.CACHES[alias]["BACKEND"] != MEMCACHED or not places.cache:
            yield f"cache {alias}: {type(cache).__module__}.{type(cache).__name__}"


def sessions() -> Iterator[str]:
    """A session store that is none of Django's own."""
    from django.conf import settings

    engine = settings.SESSION_ENGINE
    if engine.startswith(SESSIONS):
        return  # files go to SESSION_FILE_PATH, which is looked at with the folders
    try:
        store = importlib.import_module(engine).SessionStore
    except Exception as error:  # noqa: BLE001 - whatever a module can raise
        yield f"SESSION_ENGINE {engine}: it cannot be loaded ({error})"
        return
    names = ("db", "cached_db", "cache", "file", "signed_cookies")
    ours = tuple(importlib.import_module(SESSIONS + name).SessionStore for name in names if _there(name))
    if not issubclass(store, ours):
        yield f"SESSION_ENGINE {engine}: it keeps sessions in a way of its own"


def _there(name: str) -> bool:
    """Whether the store's model can be loaded: those in the database need its app."""
    from django.apps import apps

    return name not in ("db", "cached_db") or apps.is_installed("django.contrib.sessions")


def storages(places: Places) -> Iterator[str]:
    """Storages of the settings and of every field of every model."""
    from django.apps import apps
    from django.conf import settings
    from django.core.files.storage import default_storage
    from django.db.models import FileField

    stores = getattr(settings, "STORAGES", None)
    # A project may name none of its own: whatever would use it fails then, here as on a server
    named: list[tuple[str, Any]] = (
        [("the default storage", default_storage)] if not stores or "default" in stores else []
    )
    if stores:
        from django.core.files.storage import storages as live

        named += [(f"storage {alias}", live[alias]) for alias in stores if alias != "staticfiles"]
    for model in apps.get_models(include_auto_created=True):
        fields = [field for field in model._meta.local_fields if isinstance(field, FileField)]
        named += [(f"{model._meta.label}.{field.name}", field.storage) for field in fields]
    seen: set[int] = set()
    for name, storage in named:
        if id(storage) not in seen:
            seen.add(id(storage))
            yield from (f"{name}: {why}" for why in where(storage, places))


def where(storage: Any, places: Places) -> Iterator[str]:
    """Where a storage keeps its files, if that is not the run's folder."""
    from django.core.files import storage as known

    in_memory = getattr(known, "InMemoryStorage", None)
    if isinstance(storage, known.FileSystemStorage):
        if not places.holds(storage.location):
            yield str(storage.location)
    elif in_memory is None or not isinstance(storage, in_memory):
        yield f"{type(storage).__module__}.{type(storage).__name__} keeps files elsewhere"


def folders(places: Places) -> Iterator[str]:
    """Folders that Django itself writes to."""
    from django.conf import settings

    for name in ("MEDIA_ROOT", "FILE_UPLOAD_TEMP_DIR", "SESSION_FILE_PATH"):
        path = getattr(settings, name, None)
        if path and not places.holds(path):
            yield f"{name}: {path}"


def handlers(places: Places) -> Iterator[str]:
    """Handlers of logging as they are now, whoever made them."""
    loggers = [logging.getLogger(), *(each for each in logging.root.manager.loggerDict.values())]
    for handler in {each for logger in loggers for each in getattr(logger, "handlers", ())}:
        if isinstance(handler, logging.FileHandler):
            file = handler.baseFilename
            if not file.startswith("/dev/") and not places.holds(file):
                yield f"log: {file}"
        elif isinstance(
            handler, (logging.handlers.SocketHandler, logging.handlers.SysLogHandler, logging.handlers.HTTPHandler)
        ):
            yield f"log: {type(handler).__name__} sends lines elsewhere"


def allowed(places: Places) -> set[tuple[str, int]]:
    """Addresses of databases in a server that the reader has allowed, by name and by number."""
    from django.conf import settings

    found = set()
    for alias in places.mine:
        host, port = (str(settings.DATABASES[alias].get(name) or "") for name in ("HOST", "PORT"))
        if host.startswith("/") or not port.isdigit():
            continue
        found.add((host, int(port)))
        try:
            found |= {(str(each[4][0]), int(port)) for each in socket.getaddrinfo(host or None, int(port))}
        except OSError:
            continue
    return found
