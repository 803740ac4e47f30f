"""Caches: those that lie in a server are replaced by the run's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .places import Places

HERE = "django.core.cache.backends."
LOCAL = (HERE + "locmem.LocMemCache", HERE + "dummy.DummyCache", HERE + "db.DatabaseCache")
FILES = HERE + "filebased.FileBasedCache"
MEMCACHED = HERE + "memcached.PyMemcacheCache"
KEPT = ("TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION")  # what every backend takes (Django's settings, CACHES)
ENTRIES = 100_000  # Django's 300 would throw away what a server would keep


def turned(caches: dict[str, Any], places: Places) -> tuple[dict[str, Any] | None, list[str]]:
    """The same caches with nothing outside the run, or None where the project has none; and what was replaced, in words.

    A cache in a server becomes files, which all processes of the site share as they would share the server; the run's own
    memcached where there is one.
    """
    found, said = {}, []
    for alias, cache in caches.items():
        backend = str(cache.get("BACKEND", ""))
        kept = {name: cache[name] for name in KEPT if name in cache}
        if places.cache and (alias == "default" or backend not in (*LOCAL, FILES)):
            found[alias] = {**kept, **memcached(places.cache, alias, kept)}
        elif backend in LOCAL:
            found[alias] = cache
        else:
            found[alias] = {**kept, **files(cache if backend == FILES else {}, alias, places)}
            if backend != FILES:
                said.append(
                    f"cache {alias}: {backend.rpartition('.')[2]}, which is not asked; files of this run in its place"
                )
    if places.cache and "default" not in found:
        found["default"] = memcached(places.cache, "default", {})
    return found or None, said


def files(cache: dict[str, Any], alias: str, places: Places) -> dict[str, Any]:
    """A cache of files in the run's folder."""
    options = {"MAX_ENTRIES": ENTRIES} if not cache else cache.get("OPTIONS", {})
    return {"BACKEND": FILES, "LOCATION": str(places.folder / "cache" / quote(alias, safe="")), "OPTIONS": options}


def memcached(address: str, alias: str, kept: dict[str, Any]) -> dict[str, Any]:
    """A cache in the run's own memcached, apart from the others by its prefix."""
    location = address.removeprefix("memcached://")
    prefix = {} if alias == "default" else {"KEY_PREFIX": f"{alias}-{kept.get('KEY_PREFIX', '')}"}
    return {"BACKEND": MEMCACHED, "LOCATION": f"unix:{location}" if location.startswith("/") else location, **prefix}
