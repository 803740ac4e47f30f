"""Storages of files: those in a folder get one of the run's, those in an object store are replaced by such a folder."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from .places import Places

HERE = "django.core.files.storage."
FOLDERS = (HERE + "FileSystemStorage", HERE + "filesystem.FileSystemStorage")
MEMORY = (HERE + "InMemoryStorage", HERE + "memory.InMemoryStorage")
STATIC = "django.contrib.staticfiles.storage."
CHOSEN = "labs_own_site.storages.chosen"


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
            found[name] = CHOSEN + ("_static" if name.startswith("STATIC") else "_default")
            found[f"LABS_OWN_{name}"] = str(backend)
    if names.get("STORAGES"):
        found["STORAGES"] = {alias: one(alias, dict(s), places) for alias, s in names["STORAGES"].items()}
    for alias, storage in (names.get("STORAGES") or {}).items():
        if not known(str(storage.get("BACKEND", ""))):
            said.append(
                f"storage {alias}: {storage.get('BACKEND')}, in a folder of this run if it keeps no files on this machine"
            )
    return found, said


def one(alias: str, storage: dict[str, Any], places: Places) -> dict[str, Any]:
    """One storage. Its class is looked at when it is first used: to load it now could load models before their time."""
    backend, options = str(storage.get("BACKEND", "")), dict(storage.get("OPTIONS") or {})
    if options.get("location") and f"storage:{alias}" in places.copied:
        options["location"] = str(places.folder / "storage" / quote(alias, safe=""))
    if not known(backend):
        options = {"labs_backend": backend, "labs_alias": alias, **options}
        backend = CHOSEN
    return {**storage, "BACKEND": backend, **({"OPTIONS": options} if options else {})}


def known(backend: str) -> bool:
    """Whether a storage is one of Django's, or WhiteNoise's, all of which keep files in the folder that they are given."""
    return backend in (*FOLDERS, *MEMORY) or backend.startswith((STATIC, "whitenoise.storage."))


def chosen(labs_backend: str, labs_alias: str = "default", **options: Any) -> Any:
    """The storage itself where it keeps files in a folder; in place of any other one that does."""
    from django.core.files.storage import FileSystemStorage
    from django.utils.module_loading import import_string

    kind = import_string(labs_backend)
    if isinstance(kind, type) and issubclass(kind, FileSystemStorage):
        return kind(**options)
    if labs_alias == "staticfiles":
        return import_string(STATIC + "StaticFilesStorage")()
    folder = Places.told(os.environ).folder / "storage" / quote(labs_alias, safe="")
    return FileSystemStorage(location=str(folder))


def chosen_default() -> Any:
    """For DEFAULT_FILE_STORAGE."""
    from django.conf import settings

    return chosen(getattr(settings, "LABS_OWN_DEFAULT_FILE_STORAGE"))  # noqa: B009 - no setting of Django's


def chosen_static() -> Any:
    """For STATICFILES_STORAGE."""
    from django.conf import settings

    return chosen(getattr(settings, "LABS_OWN_STATICFILES_STORAGE"), "staticfiles")  # noqa: B009
