"""Storages of files: those in a folder get one of the run's, those in an object store are replaced by such a folder."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from . import chosen
from .places import Places

HERE = "django.core.files.storage."
FOLDERS = (HERE + "FileSystemStorage", HERE + "filesystem.FileSystemStorage")
MEMORY = (HERE + "InMemoryStorage", HERE + "memory.InMemoryStorage")
STATIC = "django.contrib.staticfiles.storage."


def locations(names: dict[str, Any]) -> dict[str, str]:
    """Folders that the options of storages name: alias -> path from the root on."""
    found = {}
    for alias, storage in (names.get("STORAGES") or {}).items():
        location = (storage.get("OPTIONS") or {}).get("location")
        if location and alias != "staticfiles" and isinstance(location, (str, os.PathLike)):
            found[alias] = os.path.abspath(os.fspath(location))
    return found


def turned(names: dict[str, Any], places: Places) -> tuple[dict[str, Any], list[str]]:
    """STORAGES, or DEFAULT_FILE_STORAGE and STATICFILES_STORAGE of Django before 5.1; and what may be replaced, in words."""
    found: dict[str, Any] = {}
    said: list[str] = []
    for name in ("DEFAULT_FILE_STORAGE", "STATICFILES_STORAGE"):
        backend = names.get(name)
        if backend and not known(str(backend)):
            found[name] = chosen.name_of(str(backend), static=name.startswith("STATIC"))
    if names.get("STORAGES"):
        found["STORAGES"] = {alias: one(alias, dict(s), places) for alias, s in names["STORAGES"].items()}
    for alias, storage in (names.get("STORAGES") or {}).items():
        backend = str(storage.get("BACKEND", ""))
        if not known(backend):
            said.append(f"storage {alias}: {backend}, in a folder of this run if it keeps no files on this machine")
    return found, said


def one(alias: str, storage: dict[str, Any], places: Places) -> dict[str, Any]:
    """One storage, in the run's folder where its own was copied."""
    backend, options = str(storage.get("BACKEND", "")), dict(storage.get("OPTIONS") or {})
    if options.get("location") and f"storage:{alias}" in places.copied:
        storage = {
            **storage,
            "OPTIONS": {**options, "location": str(places.folder / "storage" / quote(alias, safe=""))},
        }
    if not known(backend):
        storage = {**storage, "BACKEND": chosen.name_of(backend, static=alias == "staticfiles")}
    return storage


def known(backend: str) -> bool:
    """Whether a storage is one of Django's, or WhiteNoise's, all of which keep files in the folder that they are given."""
    return backend in (*FOLDERS, *MEMORY) or backend.startswith((STATIC, "whitenoise.storage."))
