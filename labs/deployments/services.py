"""What a deployment brings along around its sites: a copy of the database, a cache, a server for media."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from labs.errors import OptionError
from labs.servers.address import Tcp
from labs.servers.base import FrontEnd, Server
from labs.servers.database import Database
from labs.servers.lighttpd import Lighttpd
from labs.servers.memcached import Memcached
from labs.servers.nginx import Nginx
from labs.servers.place import Place, below, files_of, static_of
from labs.servers.postgresql import PostgreSQL
from labs.site import Site

Media = Literal["django", "front-end", "own"]
MEDIA_SERVER = Tcp("media")
DATABASES: dict[str, type[Database]] = {"postgresql": PostgreSQL}  # beside SQLite, which needs no server


def surroundings(
    sites: Sequence[Site],
    paths: Sequence[str],
    *,
    cache: str | None,
    cache_pages: int,
    media: Media,
    media_keepalive: float | None,
    database: str | None = None,
) -> tuple[list[Site], list[Server]]:
    """The sites, each told of its path, its database and its media, the first of the cache and of a database server too; and the
    further servers."""
    if media not in ("django", "front-end", "own"):
        raise OptionError(f"media may be 'django', 'front-end' or 'own', not {media!r}.")
    if media_keepalive is not None and media != "own":
        raise OptionError("media_keepalive is for media='own': otherwise there is no such server.")
    servers: list[Server] = []
    told = [below(site, path, media=media == "front-end") for site, path in zip(sites, paths, strict=True)]
    if database is not None:
        server = database_server(database, told[0])
        servers.append(server)
        told[0] = server.given_to(told[0])
    told = [with_database(site, number) for number, site in enumerate(told, 1)]
    if cache == "memcached":
        memcached = Memcached()
        servers.append(memcached)
        told[0] = told[0].with_environment(cache="memcached://{%s}" % memcached.listen.name)  # noqa: UP031 - braces in braces
    elif cache is not None:
        raise OptionError(f"There is no cache {cache!r}; there is 'memcached', or None.")
    if cache_pages:
        told[0] = told[0].with_environment(cache_pages=str(cache_pages))
    if media == "own":
        servers.append(media_server(told, keepalive=media_keepalive))
        told = [
            site.with_environment(**_elsewhere(site, "http://{media}" + prefix(number)))
            for number, site in enumerate(told, 1)
        ]
    elif media == "django":
        told = [site.with_environment(serve_media="1") if "serve_media" in site.variables else site for site in told]
    return told, servers


def _elsewhere(site: Site, server: str) -> dict[str, str]:
    """Where a site finds its files on another server: its media, and its static files where a setting says where."""
    urls = {"media_url": server + site.media_url}
    if site.static is not None and "static_url" in site.variables:
        urls["static_url"] = server + site.static_url
    return urls


def database_server(kind: str, site: Site) -> Database:
    """A server of this kind with the tables of the site. Raises OptionError for a kind that there is not, and for a site whose
    database no variable of its own can move."""
    if kind not in DATABASES:
        raise OptionError(
            f"There is no database {kind!r}; there is {', '.join(map(repr, DATABASES))}, or None for SQLite."
        )
    if "database" not in site.variables:
        raise OptionError(
            f"database={kind}: of the newsroom, or of a site whose variables say where its database is. Your own project keeps "
            "the database of its settings: leave the option out."
        )
    return DATABASES[kind](contents=site)


def with_database(site: Site, number: int) -> Site:
    """The same site on a database of the deployment's own, in a folder that whoever runs the site may write to."""
    if site.database is None or "database" not in site.variables:
        return site
    return site.with_environment(database="{folder}/data/site%s.sqlite3" % ("" if number == 1 else f"-{number}"))


def prefix(number: int) -> str:
    """Where the media of a site lie on a server of their own: the first site's at the root."""
    return "" if number == 1 else f"/{number}"


def media_server(sites: Sequence[Site], *, keepalive: float | None) -> FrontEnd:
    """A server of files only: lighttpd, the lightest here, or nginx where there is none."""
    places = []
    for number, site in enumerate(sites, 1):
        if site.media is None:
            raise OptionError("This site has no folder of media files; name it in Site(media=...).")
        path = prefix(number)
        places.append(Place(name="media", path=path, files=files_of(site, path), static=static_of(site, path)))
    kind = Lighttpd if Lighttpd.program.look() else Nginx
    return kind(name="media", listen=MEDIA_SERVER, places=tuple(places), keepalive=keepalive)
