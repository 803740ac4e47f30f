"""A reader's project, run without touching what is his: its database, its folders, its letters."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from labs import copies
from labs.errors import OptionError
from labs.look import Look
from labs.site import Site

LIMIT = 500_000_000  # bytes of a media folder that are copied for every deployment
PARTS = ("cache", "media_url", "static_url", "cookie_path")  # what a deployment may move by a variable
SETTINGS = "labs_own_site.settings"


def guarded(site: Site, seen: Look, *, database: str, name: str = "") -> Site:
    """The same project under settings that import its own and turn what it writes towards the deployment's folder.

    database  "copy": of SQLite files, and a refusal for others; "mine": the project's own, which it then reads and writes

    name      what its folder in a deployment is called, by default its package

    Raises OptionError where the database is not a file and its use has not been allowed.
    """
    if database == "copy" and seen.servers:
        raise OptionError(
            f"{site.settings} keeps data in a database server: {', '.join(seen.servers)}. A file can be copied; this cannot, and "
            "a load test writes sessions and whatever your pages write. Point the settings at a copy of the data, then "
            "allow its use: --database mine"
        )
    name = f"site-{name or site.settings.partition('.')[0]}"
    originals = {} if database == "mine" else {f"{name}/database/{a}.sqlite3": p for a, p in _files(site, seen)}
    aliases = [] if database == "mine" else list(seen.files)
    served: dict[str, Path | None] = {"media": site.media, "static": site.static}
    for part, folder in served.items():
        if folder is not None and copies.size(folder, limit=LIMIT) <= LIMIT:
            originals[f"{name}/{part}"] = folder
            served[part] = Path("{folder}") / name / part
    environment = {
        **site.environment,
        "LABS_OWN_SETTINGS": site.settings,
        "LABS_OWN_FOLDER": f"{{folder}}/{name}",
        "LABS_OWN_WSGI": seen.wsgi,
        "LABS_OWN_DATABASES": ",".join(aliases),
    }
    return replace(
        site,
        settings=SETTINGS,
        wsgi="labs_own_site.wsgi:application",
        environment=environment,
        variables={part: f"LABS_OWN_{part.upper()}" for part in PARTS},
        copies={target: path for target, path in originals.items() if path.exists()},
        media=served["media"],
        static=served["static"],
    )


def _files(site: Site, seen: Look) -> list[tuple[str, Path]]:
    return [(alias, site.folder / path) for alias, path in seen.files.items()]


def own_settings(site: Site) -> str:
    """The settings module that the reader knows, of a guarded project or of any other."""
    return site.environment.get("LABS_OWN_SETTINGS", site.settings)


def notes(site: Site, seen: Look, result: Site, *, database: str) -> tuple[str, ...]:
    """What the owner of a project should know before it runs.

    site    the project as it is
    result  the same, guarded
    """
    said = []
    if database == "mine":
        said.append("database: your own, which your pages read and write")
    for alias, path in [] if database == "mine" else _files(site, seen):
        there = f"a copy of {path}" if path.exists() else f"empty: there is no {path} (manage.py migrate makes it)"
        said.append(f"database {alias}: {there}")
    for part, original in (("media", site.media), ("static", site.static)):
        if original is None:
            continue
        copied = getattr(result, part) != original
        more = (
            ""
            if copied
            else f"; it is larger than {LIMIT // 1_000_000} MB and not copied, new files of your pages go elsewhere"
        )
        said.append(f"{part}: {'a copy of ' if copied else ''}{original}{more}")
    far = [f"{a} ({c['engine'].rpartition('.')[2]} at {c['name']})" for a, c in seen.caches.items() if _remote(c)]
    if far:
        said.append(f"cache: your own {', '.join(far)}, which your pages fill; --cache memcached gives them another")
    if seen.https:
        said.append("SECURE_SSL_REDIRECT: off here, where there is no certificate")
    return (*said, *warnings(site, seen))


def warnings(site: Site, seen: Look) -> tuple[str, ...]:
    """What is unfit to be measured, or to be put on a server."""
    said = []
    if seen.debug:
        said.append(
            "DEBUG is on: pages cost more than on a server, and errors show your settings. Turn it off to measure."
        )
    if site.static is None and is_path(seen.static_url):
        said.append(
            "static files: the project serves its own, or nobody does; manage.py collectstatic fills STATIC_ROOT"
        )
    if site.python == Path(sys.executable):
        said.append("python: the one of the labs; --python names the project's own")
    borrowed = [
        folder.name.rpartition("-")[0]
        for folder in site.lent
        if not folder.name.startswith(("packaging", "pymemcache"))
    ]
    if borrowed:
        said.append(f"lent to {site.python}, which has none: {' and '.join(borrowed)}")
    return tuple(said)


def _remote(cache: Mapping[str, str]) -> bool:
    return not cache["engine"].endswith(("LocMemCache", "DummyCache", "FileBasedCache", "DatabaseCache"))


def is_path(url: str) -> bool:
    """Whether a MEDIA_URL or STATIC_URL is a path on the site itself, which a front-end can serve."""
    return url.startswith("/") and not url.startswith("//") and len(url) > 1 and url.endswith("/")


def served(folder: Path, root: str, url: str) -> Path | None:
    """The folder of a MEDIA_ROOT or STATIC_ROOT, where it is there, has something in it, and its URL is a path."""
    if not root or not is_path(url):
        return None
    path = folder / root
    return path if path.is_dir() and any(path.iterdir()) else None
