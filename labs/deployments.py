"""The arrangements of servers that the chapter speaks of, by name: interface first, front-end last."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from labs.address import Listen, Tcp, Unix
from labs.deployment import Deployment
from labs.errors import LabError, OptionError
from labs.place import Place, below
from labs.servers.apache import Apache
from labs.servers.base import FrontEnd, Server
from labs.servers.flup import Flup
from labs.servers.gunicorn import Gunicorn
from labs.servers.lighttpd import Lighttpd
from labs.servers.memcached import Memcached
from labs.servers.nginx import Nginx
from labs.site import Site

Media = Literal["django", "front-end", "own"]
MEDIA_SERVER = Tcp("media")


@dataclass(frozen=True)
class Arrangement:
    """A named deployment. build takes the site and options and gives the servers, back-ends first."""

    name: str
    interface: str
    front: str
    build: Callable[..., list[Server]]

    @property
    def options(self) -> dict[str, object]:
        """Options of its own: name -> default."""
        parameters = inspect.signature(self.build).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.build) or "").partition("\n")[0]


ARRANGEMENTS: dict[str, Arrangement] = {}


def deployment(
    name: str, *, interface: str, front: str = ""
) -> Callable[[Callable[..., list[Server]]], Callable[..., list[Server]]]:
    """Register an arrangement under its name."""

    def register(build: Callable[..., list[Server]]) -> Callable[..., list[Server]]:
        ARRANGEMENTS[name] = Arrangement(name, interface, front, build)
        return build

    return register


@deployment("gunicorn", interface="WSGI")
def gunicorn(site: Site, *, workers: int = 4, threads: int = 1, keepalive: float | None = None) -> list[Server]:
    """gunicorn alone: Django serves everything, its media too."""
    return [Gunicorn(site=site, workers=workers, threads=threads, keepalive=keepalive)]


@deployment("gunicorn-nginx", interface="WSGI", front="nginx")
def gunicorn_nginx(
    site: Site,
    *,
    workers: int = 4,
    threads: int = 1,
    at: str = "",
    keepalive: float | None = None,
    media: Path | None = None,
) -> list[Server]:
    """nginx in front, gunicorn behind a Unix socket: what most Django teams run today."""
    back = Gunicorn(site=site, listen=Unix("gunicorn.sock"), workers=workers, threads=threads)
    return [back, Nginx(places=(_place(site, back, at=at, media=media),), protocol="http", keepalive=keepalive)]


@deployment("fastcgi-nginx", interface="FastCGI", front="nginx")
def fastcgi_nginx(
    site: Site,
    *,
    workers: int = 5,
    method: Literal["threaded", "prefork"] = "threaded",
    listen: Literal["unix", "tcp"] = "unix",
    backends: int = 1,
    handed: bool = False,
    plain: bool = False,
    at: str = "",
    keepalive: float | None = None,
    media: Path | None = None,
) -> list[Server]:
    """nginx in front, flup behind it: one, or several backends; its socket may be handed to it; flup plain or mended."""
    if backends < 1 or ((backends > 1 or handed) and listen != "unix"):
        raise OptionError("backends is 1 or more; several of them, or handed=true, need listen='unix'.")
    flup = Flup(site=site, method=method, workers=workers, listen=_back(listen), handed=handed, plain=plain)
    others = [
        replace(flup, name=f"{flup.program.name}-{number}", listen=Unix(f"site-{number}.sock"))
        for number in range(2, backends + 1)
    ]
    return [flup, *others, Nginx(places=(_place(site, flup, *others, at=at, media=media),), keepalive=keepalive)]


@deployment("fastcgi-lighttpd", interface="FastCGI", front="lighttpd")
def fastcgi_lighttpd(
    site: Site,
    *,
    workers: int = 5,
    method: Literal["threaded", "prefork"] = "threaded",
    listen: Literal["unix", "tcp"] = "unix",
    at: str = "",
    keepalive: float | None = None,
    media: Path | None = None,
) -> list[Server]:
    """The chapter's lighttpd set-up: one flup behind a socket, media from lighttpd."""
    flup = Flup(site=site, method=method, workers=workers, listen=_back(listen))
    return [flup, Lighttpd(places=(_place(site, flup, at=at, media=media),), keepalive=keepalive)]


@deployment("fastcgi-apache", interface="FastCGI", front="Apache")
def fastcgi_apache(
    site: Site,
    *,
    mpm: Literal["prefork", "event"] = "prefork",
    connections: int = 10,
    workers: int = 5,
    method: Literal["threaded", "prefork"] = "threaded",
    listen: Literal["unix", "tcp"] = "unix",
    at: str = "",
    keepalive: float | None = None,
    media: Path | None = None,
) -> list[Server]:
    """The chapter's Apache set-up in today's form: mod_proxy_fcgi before one flup, media from Apache."""
    flup = Flup(site=site, method=method, workers=workers, listen=_back(listen))
    place = _place(site, flup, at=at, media=media)
    return [flup, Apache(mpm=mpm, workers=connections, places=(place,), keepalive=keepalive)]


@deployment("cgi-lighttpd", interface="CGI", front="lighttpd")
def cgi_lighttpd(site: Site, *, keepalive: float | None = None, media: Path | None = None) -> list[Server]:
    """Before FastCGI: lighttpd starts an interpreter, Django and the project anew for every request."""
    return [Lighttpd(cgi=site, places=(_place(site, media=media),), keepalive=keepalive)]


def _place(site: Site, *backs: Server, at: str = "", media: Path | None = None) -> Place:
    upstreams = tuple(back.listen for back in backs)
    return Place(site=site, path=at, upstreams=upstreams, media=media, media_url=at + site.media_url)


def _back(listen: str) -> Listen:
    return Unix("site.sock") if listen == "unix" else Tcp("fastcgi")


def arrangement(name: str) -> Arrangement:
    """Raises OptionError with the nearest names."""
    if name not in ARRANGEMENTS:
        near = difflib.get_close_matches(name, ARRANGEMENTS, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise OptionError(f"There is no deployment {name}.{hint} There are: {', '.join(ARRANGEMENTS)}.")
    return ARRANGEMENTS[name]


def deploy(
    name: str,
    *,
    site: Site | None = None,
    cache: Literal["memcached"] | None = None,
    cache_pages: int = 0,
    media: Media | None = None,
    media_keepalive: float | None = None,
    cpus: set[int] | None = None,
    keep: bool = False,
    **options: object,
) -> Deployment:
    """A deployment with its configuration written and nothing running yet.

    name         see `python -m labs list`
    site         the Django project; the newsroom when none is named
    cache        "memcached" starts one and points the site at it
    cache_pages  seconds that whole pages stay in that cache; 0 caches no pages
    media        who serves media files: "django", the "front-end" (the default where there is one), or a server of
                 their "own"
    media_keepalive  seconds that this server of their own keeps idle connections; 0 for none, None for its default
    cpus         processors that the servers may use; None for all
    keep         leave the folder behind
    options      options of that arrangement: workers, keepalive, method, listen, mpm, …

    Raises OptionError for what the arrangement does not have, Missing when a program is not on this machine.
    """
    kind = arrangement(name)
    unknown = [option for option in options if option not in kind.options or option == "media"]
    if unknown:
        raise OptionError(
            f"{name} takes no {unknown[0]}. It takes: {', '.join(o for o in kind.options if o != 'media')}."
        )
    if site is None:
        from labs.newsroom import site as newsroom

        site = newsroom()
    site.check()
    said = {
        "cache": cache,
        "cache_pages": cache_pages or None,
        "media": media,
        "media_keepalive": media_keepalive,
        **options,
    }
    media = media or ("front-end" if "media" in kind.options else "django")
    if media_keepalive is not None and media != "own":
        raise OptionError("media_keepalive is for media='own': otherwise there is no such server.")
    if at := str(options.get("at", "")):
        site = below(site, at, media=media == "front-end")
    site, before, after = _surroundings(site, cache, cache_pages, media, media_keepalive)
    if media == "front-end":
        if "media" not in kind.options:
            raise OptionError(f"{name} has no front-end that could serve media; media may be 'django' or 'own'.")
        options["media"] = site.media
    servers = [*before, *after, *kind.build(site, **options)]
    shown = {key: value for key, value in said.items() if value is not None}
    return Deployment(name, site, servers, options=shown, cpus=cpus, keep=keep).write_config()


def _surroundings(
    site: Site, cache: str | None, cache_pages: int, media: Media, media_keepalive: float | None
) -> tuple[Site, Sequence[Server], Sequence[Server]]:
    """The site told where its database, cache and media are, and the servers that this brings along."""
    before: list[Server] = []
    after: list[Server] = []
    if site.database is not None and "database" in site.variables:
        site = site.with_environment(database="{folder}/site.sqlite3")
    if cache == "memcached":
        memcached = Memcached()
        before.append(memcached)
        site = site.with_environment(cache="memcached://{%s}" % memcached.listen.name)  # noqa: UP031 - braces in braces
    elif cache is not None:
        raise OptionError(f"There is no cache {cache!r}; there is 'memcached', or None.")
    if cache_pages:
        site = site.with_environment(cache_pages=str(cache_pages))
    if media == "own":
        if site.media is None:
            raise OptionError("This site has no folder of media files; name it in Site(media=...).")
        after.append(_media_server(site.media, site.media_url, media_keepalive))
        site = site.with_environment(media_url="http://{media}" + site.media_url)
    elif media == "django" and "serve_media" in site.variables:
        site = site.with_environment(serve_media="1")
    elif media not in ("django", "front-end"):
        raise OptionError(f"media may be 'django', 'front-end' or 'own', not {media!r}.")
    return site, before, after


def _media_server(folder: Path, url: str, keepalive: float | None) -> FrontEnd:
    """A server of files only: lighttpd, the lightest here, or nginx where there is none."""
    place = Place(name="media", media=folder, media_url=url)
    server = Lighttpd(name="media", listen=MEDIA_SERVER, places=(place,), keepalive=keepalive)
    return server if Lighttpd.program.look() else Nginx(**{k: v for k, v in vars(server).items() if k != "cgi"})


def names() -> list[str]:
    """Every deployment of the book."""
    return list(ARRANGEMENTS)


__all__ = ["ARRANGEMENTS", "Arrangement", "LabError", "arrangement", "deploy", "deployment", "names"]
