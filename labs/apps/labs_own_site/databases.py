"""Databases: which are files, which lie in memory, and which can be nothing but another's."""

from __future__ import annotations

import importlib
import os
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .places import Places

SQLITE = ("django.db.backends.sqlite3", "django.contrib.gis.db.backends.spatialite")
NONE = ("", "django.db.backends.dummy")
SERVERS = tuple(f"django.db.backends.{name}" for name in ("postgresql", "mysql", "oracle"))


def file_of(name: Any) -> str | None:
    """The file that SQLite opens for a NAME, from the root on; None for a database in memory.

    Django hands every NAME on as a URI, and SQLite takes for one what begins with "file:", in small letters (sqlite.org, "URI
    Filenames"). Anything else but ":memory:" is the name of a file, whatever words are in it.
    """
    text = os.fsdecode(name)
    if text == ":memory:":
        return None
    if not text.startswith("file:"):
        return os.path.abspath(text)
    path, options = unquote(urlsplit(text).path), dict(parse_qsl(urlsplit(text).query))
    if path in ("", ":memory:") or options.get("mode") == "memory" or options.get("vfs") == "memdb":
        return None
    return os.path.abspath(path)


def renamed(name: Any, path: str) -> str:
    """A NAME that opens another file in the same way: the options of a URI are kept."""
    text = os.fspath(name)
    query = urlsplit(text).query if text.startswith("file:") else ""
    return f"file:{quote(path)}?{query}" if query else path


def is_sqlite(engine: str) -> str:
    """Empty for an engine that opens a file by Python's own sqlite3 and in Django's own way; else what is different.

    An engine of another package may keep its file elsewhere: on another host, or in an object store.
    """
    if engine in SQLITE:
        return ""
    if engine in SERVERS:
        return "it is not SQLite"
    try:
        kind = importlib.import_module(engine + ".base").DatabaseWrapper
    except Exception as error:  # noqa: BLE001 - whatever a module can raise: its engine is not known then
        return f"it cannot be loaded ({type(error).__name__}: {error})"
    if getattr(kind, "vendor", "") != "sqlite":
        return "it is not SQLite"
    import sqlite3

    from django.db.backends.sqlite3.base import DatabaseWrapper

    if not issubclass(kind, DatabaseWrapper) or kind.Database not in (sqlite3, sqlite3.dbapi2):
        return "it opens its file by a program of its own"
    if kind.get_new_connection is not DatabaseWrapper.get_new_connection:
        return "it opens its file by code of its own"
    return ""


def attaches(options: Any) -> bool:
    """Whether a connection opens further files as it begins."""
    return "attach" in str((options or {}).get("init_command", "")).lower()


def turned(databases: dict[str, Any], places: Places) -> dict[str, Any]:
    """The same databases, those that were copied under the names of their copies."""
    found = {}
    for alias, database in databases.items():
        found[alias] = database
        if f"database:{alias}" in places.copied:
            path = str(places.folder / "database" / f"{quote(alias, safe='')}.sqlite3")
            found[alias] = {**database, "NAME": renamed(database["NAME"], path)}
    return found


def described(databases: Any) -> dict[str, dict[str, str]]:
    """What a deployment must know: alias -> engine, name, host, file, and what keeps it from being copied."""
    found = {}
    for alias, one in databases.items():
        engine = str(one.get("ENGINE", ""))
        different = "" if engine in NONE else is_sqlite(engine)
        entry = {"engine": engine, "name": str(one.get("NAME") or ""), "host": str(one.get("HOST") or ""), "file": ""}
        if engine not in NONE and not different and one.get("NAME"):
            entry["file"] = file_of(one["NAME"]) or ""
            if attaches(one.get("OPTIONS")):
                different = "its init_command opens further files (ATTACH)"
        found[alias] = {**entry, "different": different}
    return found
