"""Reads NEWSROOM_* from the environment.

A value that cannot be used raises ImproperlyConfigured with one line: the variable, its value, what is expected. A value
that is well-formed but does not fit this machine (a file that is not there) is a matter for checks.py.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

VARIABLES = frozenset(
    {
        "NEWSROOM_BURN",
        "NEWSROOM_CACHE",
        "NEWSROOM_CACHE_PAGES",
        "NEWSROOM_COOKIE_PATH",
        "NEWSROOM_DATABASE",
        "NEWSROOM_DEBUG",
        "NEWSROOM_MEDIA_ROOT",
        "NEWSROOM_MEDIA_URL",
        "NEWSROOM_SECRET_KEY",
        "NEWSROOM_SERVE_MEDIA",
        "NEWSROOM_SESSIONS",
    }
)


def bad(name: str, value: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}={value!r} cannot be used: expected {expected}.")


def text(name: str, default: str) -> str:
    """The value; an empty one counts as unset, since a shell can hardly unset a variable for one command."""
    return os.environ.get(name) or default


def flag(name: str) -> bool:
    value = text(name, "0")
    if value not in ("0", "1"):
        raise bad(name, value, "1 for on, 0 or nothing for off")
    return value == "1"


def number(name: str, *, most: int) -> int:
    value = text(name, "0")
    if not (value.isascii() and value.isdigit() and int(value) <= most):
        raise bad(name, value, f"a whole number from 0 (off) to {most}")
    return int(value)


def choice(name: str, choices: Collection[str], default: str) -> str:
    value = text(name, default)
    if value not in choices:
        raise bad(name, value, "one of " + ", ".join(choices))
    return value


def folder(name: str, default: Path) -> Path:
    """An absolute path: two sites in one process of Apache have no working folder of their own."""
    path = Path(text(name, str(default)))
    if not path.is_absolute():
        raise bad(name, str(path), "an absolute path")
    return path


def url(name: str, default: str) -> str:
    value = text(name, default)
    if value != default and not value.startswith(("/", "http://", "https://")):
        raise bad(name, value, "a path such as /media/ or a URL such as http://127.0.0.1:8001/media/")
    if not value.endswith("/"):
        raise bad(name, value, "a slash at the end")
    return value


def path(name: str, default: str) -> str:
    """A path of the site's URLs, with a slash at either end."""
    value = text(name, default)
    if not (value.startswith("/") and value.endswith("/")):
        raise bad(name, value, "a path with a slash at either end, such as /paper/")
    return value


def database(name: str, default: Path) -> dict[str, Any]:
    """Django's settings of one database: an SQLite file by its path, or PostgreSQL by a URL.

    SQLite keeps its rollback journal rather than a write-ahead log: the database stays one file, which a deployment can
    copy, and a process that only reads needs no write permission. Articles are read a thousand times for one comment
    written, so a writer that keeps readers waiting for a few milliseconds costs less than that. IMMEDIATE takes the write
    lock when a transaction begins; otherwise two writers that both began by reading fail at once, whatever the timeout.
    """
    value = text(name, str(default))
    if "://" not in value:
        path = folder(name, default)
        options = {"timeout": 2.0, "transaction_mode": "IMMEDIATE"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}
    expected = "the absolute path of an SQLite file, or postgres://user:password@host:port/name"
    try:
        parts = urlsplit(value)
        port = parts.port or 5432
    except ValueError:
        raise bad(name, value, expected) from None
    if parts.scheme not in ("postgres", "postgresql") or not parts.hostname or not parts.path.strip("/"):
        raise bad(name, value, expected)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": port,
    }


def cache(name: str) -> dict[str, Any]:
    """Django's settings of one cache. A cache of 300 entries, Django's default, forgets pages of a 2,000-article archive."""
    value = text(name, "none")
    if value == "none":
        return {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    if value == "locmem":
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "newsroom",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    expected = "none, locmem, memcached://host:port or memcached:///path/of.sock"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise bad(name, value, expected) from None
    if parts.scheme != "memcached":
        raise bad(name, value, expected)
    if parts.hostname and port and parts.path in ("", "/"):
        location = parts.netloc
    elif not parts.netloc and len(parts.path) > 1:
        location = "unix:" + unquote(parts.path)
    else:
        raise bad(name, value, expected)
    return {"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache", "LOCATION": location}
