"""A reader's project, run without touching what is the reader's: its database, its folders, its letters."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from labs.errors import OptionError
from labs.own import copies, project
from labs.own.inspection import Look
from labs.site import Site

LIMIT = 500_000_000  # bytes of a folder of files that are copied for every deployment
PARTS = ("cache", "media_url", "static_url", "cookie_path")  # what a deployment may move by a variable
SETTINGS = "labs_own_site.settings"


class UnconfirmedError(OptionError):
    """The reader's own database is meant, and was not named. name is what must be said."""

    def __init__(self, name: str, databases: Sequence[str]) -> None:
        self.name = name
        super().__init__(
            f"--database mine lets your pages write into {', '.join(databases)}, and a load test makes them do so. "
            f"Confirm it by its name: --confirm {name}"
        )


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something that a project writes to, and what a run puts in its place.

    name      "database:default", "media", "static", "storage:private"
    original  where the project has it
    place     within a deployment's folder; empty where the original is used as it is
    size      bytes that are copied; None where there is nothing yet
    """

    name: str
    original: Path
    place: str
    size: int | None

    def __str__(self) -> str:
        kind, _, alias = self.name.partition(":")
        what = f"{kind} {alias}".strip()
        if not self.place:
            return f"{what}: {self.original}, larger than {amount(LIMIT)} and not copied; what your pages add to it goes elsewhere"
        if self.size is None:
            more = " (manage.py migrate makes it)" if kind == "database" else ""
            return f"{what}: empty, in {self.place}: there is no {self.original}{more}"
        return f"{what}: a copy of {self.original} ({amount(self.size)}), in {self.place}"


def amount(size: float) -> str:
    """A number of bytes as it is read best."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def guarded(
    site: Site, seen: Look, *, database: str, name: str = "", confirm: str = ""
) -> tuple[Site, tuple[Part, ...]]:
    """The same project under settings that import its own and turn what it writes towards the deployment's folder; and what
    is copied for it.

    database  "copy": of SQLite files, and a refusal for others; "mine": the project's own, which it then reads and writes
    name      what its folder in a deployment is called, by default its package
    confirm   the name of that database, where it is "mine"

    Raises OptionError where a database cannot be copied and its use has not been allowed, or deployments lie in the project.
    """
    project.check(site.whole)
    mine = _mine(seen, confirm) if database == "mine" else []
    place = f"site-{name or site.settings.partition('.')[0]}"
    parts = _parts(site, seen, place, set(mine))
    copied = {part.name: part for part in parts if part.place}
    environment = {
        **site.environment,
        "LABS_OWN_SETTINGS": site.settings,
        "LABS_OWN_FOLDER": f"{{folder}}/{place}",
        "LABS_OWN_BASE": str(site.folder),
        "LABS_OWN_WSGI": seen.wsgi,
        "LABS_OWN_COPIED": ",".join(copied),
        "LABS_OWN_MINE": ",".join(mine),
        "LABS_OWN_FILES": ":".join(quote(str(seen.files[alias])) for alias in mine if alias in seen.files),
        "LABS_OWN_PROJECTS": ":".join(quote(str(folder)) for folder in _shielded(site, parts)),
        "LABS_OWN_REACH": "{addresses}",
        "LABS_OWN_GUARD": "{guard}",
    }
    served = {
        which: Path("{folder}") / copied[which].place if original and which in copied else original
        for which, original in (("media", site.media), ("static", site.static))
    }
    return replace(
        site,
        settings=SETTINGS,
        wsgi="labs_own_site.wsgi:application",
        environment=environment,
        variables={part: f"LABS_OWN_{part.upper()}" for part in PARTS},
        copies={part.place: part.original for part in copied.values() if part.size is not None},
        media=served["media"],
        static=served["static"],
        place=place,
        # A file of the reader's that may be written cannot lie under an overlay: what SQLite keeps beside it would not
        shielded=() if any(alias in seen.files for alias in mine) else _shielded(site, parts),
    ), parts


def _mine(seen: Look, confirm: str) -> list[str]:
    """Aliases of the databases that are used as they are, once the reader has named them."""
    told = {alias: str(path) for alias, path in seen.files.items()} | seen.others
    names = [Path(one["file"] or one["name"]).name for alias, one in seen.databases.items() if alias in told]
    name = ",".join(dict.fromkeys(names))
    if told and confirm != name:
        raise UnconfirmedError(name, list(told.values()))
    return list(told)


def _parts(site: Site, seen: Look, place: str, mine: set[str]) -> tuple[Part, ...]:
    if others := [what for alias, what in seen.others.items() if alias not in mine]:
        raise OptionError(
            f"{site.settings} keeps data where it cannot be copied: {', '.join(others)}. A load test writes sessions and "
            "whatever your pages write. Point the settings at a copy of the data, then allow its use: --database mine"
        )
    found = [
        _part(f"database:{alias}", path, f"{place}/database/{quote(alias, safe='')}.sqlite3", limit=None)
        for alias, path in seen.files.items()
        if alias not in mine
    ]
    folders = {"media": site.media or _folder(site, seen.media), "static": site.static}
    found += [_part(name, path, f"{place}/{name}", limit=LIMIT) for name, path in folders.items() if path is not None]
    roots = [site.folder / root for root in (seen.media, seen.static) if root]
    for alias, location in seen.storages.items():
        if not any(Path(location).is_relative_to(root) for root in roots):  # it goes with that folder
            where = f"{place}/storage/{quote(alias, safe='')}"
            found.append(_part(f"storage:{alias}", Path(location), where, limit=LIMIT))
    return tuple(found)


def _folder(site: Site, root: str) -> Path | None:
    """A folder that settings name, whether it is there or not; None where they name none."""
    return site.folder / root if root else None


def _part(name: str, original: Path, place: str, *, limit: int | None) -> Part:
    if not original.exists():
        return Part(name=name, original=original, place=place, size=None)
    if not original.is_dir():
        return Part(name=name, original=original, place=place, size=original.stat().st_size)
    size = copies.size(original, limit=limit or sys.maxsize)
    return Part(name=name, original=original, place="" if limit and size > limit else place, size=size)


def _shielded(site: Site, parts: Sequence[Part]) -> tuple[Path, ...]:
    """The project, and folders outside it that are used as they are."""
    top = project.project_of(site.whole)
    outside = [part.original.resolve() for part in parts if not part.place and part.original.is_dir()]
    return (top, *(folder for folder in outside if not folder.is_relative_to(top)))


def own_settings(site: Site) -> str:
    """The settings module that the reader knows, of a guarded project or of any other."""
    return site.environment.get("LABS_OWN_SETTINGS", site.settings)


def notes(site: Site, seen: Look, parts: Sequence[Part], *, database: str) -> tuple[str, ...]:
    """What the owner of a project should know before it runs.

    site   the project as it is
    parts  what is copied
    """
    said = []
    if database == "mine":
        names = [*map(str, seen.files.values()), *seen.others.values()]
        said.append(f"database: your own, which your pages read and write: {', '.join(names)}")
    said += [str(part) for part in parts]
    said.append("mail: files of this run; nobody gets a letter")
    said += seen.replaced
    if seen.addresses:
        said.append(f"{', '.join(seen.addresses)}: lead to servers; a run reaches nobody but its own")
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


def is_path(url: str) -> bool:
    """Whether a MEDIA_URL or STATIC_URL is a path on the site itself, which a front-end can serve."""
    return url.startswith("/") and not url.startswith("//") and len(url) > 1 and url.endswith("/")


def served(folder: Path, root: str, url: str) -> Path | None:
    """The folder of a MEDIA_ROOT or STATIC_ROOT, where it is there, has something in it, and its URL is a path."""
    if not root or not is_path(url):
        return None
    path = folder / root
    return path if path.is_dir() and any(path.iterdir()) else None
