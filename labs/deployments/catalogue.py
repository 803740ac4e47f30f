"""The arrangements of servers that the chapter speaks of, by name: interface first, front-end last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from labs.deployments.register import ARRANGEMENTS, arrangement, deployment, names
from labs.deployments.virtual_hosts import Addresses, By, backends, embedded
from labs.errors import OptionError
from labs.servers.address import Listen, Tcp, Unix
from labs.servers.apache import Apache
from labs.servers.base import Server
from labs.servers.flup import Flup
from labs.servers.gunicorn import Gunicorn
from labs.servers.haproxy import Haproxy
from labs.servers.lighttpd import Lighttpd
from labs.servers.mod_python import Handler, ModPython
from labs.servers.mod_wsgi import ModWsgi
from labs.servers.nginx import Nginx
from labs.servers.place import Place, files_of, static_of
from labs.site import Site

Back = TypeVar("Back", bound=Server)


@deployment("gunicorn")
def gunicorn(
    site: Site, *, workers: int = 4, threads: int = 1, preload: bool = False, keepalive: float | None = None
) -> list[Server]:
    """gunicorn alone: Django serves everything, its media too."""
    return [Gunicorn(site=site, workers=workers, threads=threads, preload=preload, keepalive=keepalive)]


@deployment("gunicorn-nginx")
def gunicorn_nginx(
    site: Site,
    *,
    workers: int = 4,
    threads: int = 1,
    backends: int = 1,
    fronts: int = 1,
    at: str = "",
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """nginx in front, gunicorn behind a Unix socket: what most Django teams run today."""
    backs = _several(Gunicorn(site=site, listen=Unix("gunicorn.sock"), workers=workers, threads=threads), backends)
    place = _place(site, *backs, at=at, media=media)
    nginxes = _several(Nginx(places=(place,), protocol="http", keepalive=keepalive), fronts)
    return [*backs, *reversed(nginxes)]


@deployment("fastcgi-nginx")
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
    media: bool = False,
) -> list[Server]:
    """nginx in front, flup behind it: one, or several back-ends; its socket may be handed to it; flup plain or mended."""
    if backends < 1 or (handed and listen != "unix"):
        raise OptionError("backends is 1 or more; handed=true needs listen='unix'.")
    flup = Flup(site=site, method=method, workers=workers, listen=_back(listen), handed=handed, plain=plain)
    flups = _several(flup, backends)
    return [*flups, Nginx(places=(_place(site, *flups, at=at, media=media),), keepalive=keepalive)]


@deployment("fastcgi-lighttpd")
def fastcgi_lighttpd(
    site: Site,
    *,
    workers: int = 5,
    method: Literal["threaded", "prefork"] = "threaded",
    listen: Literal["unix", "tcp"] = "unix",
    backends: int = 1,
    at: str = "",
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """The chapter's lighttpd set-up: one flup behind a socket, media from lighttpd."""
    flups = _several(Flup(site=site, method=method, workers=workers, listen=_back(listen)), backends)
    return [*flups, Lighttpd(places=(_place(site, *flups, at=at, media=media),), keepalive=keepalive)]


@deployment("fastcgi-apache")
def fastcgi_apache(
    site: Site,
    *,
    mpm: Literal["prefork", "event"] = "prefork",
    connections: int = 10,
    workers: int = 5,
    method: Literal["threaded", "prefork"] = "threaded",
    listen: Literal["unix", "tcp"] = "unix",
    backends: int = 1,
    at: str = "",
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """The chapter's Apache set-up in today's form: mod_proxy_fcgi before one flup, media from Apache."""
    flups = _several(Flup(site=site, method=method, workers=workers, listen=_back(listen)), backends)
    place = _place(site, *flups, at=at, media=media)
    return [*flups, Apache(mpm=mpm, workers=connections, places=(place,), keepalive=keepalive)]


@deployment("cgi-lighttpd")
def cgi_lighttpd(site: Site, *, keepalive: float | None = None, media: bool = False) -> list[Server]:
    """Before FastCGI: lighttpd starts an interpreter, Django and the project anew for every request."""
    return [Lighttpd(cgi=site, places=(_place(site, media=media),), keepalive=keepalive)]


@deployment("modpython-apache")
def modpython_apache(
    site: Site,
    *,
    mpm: Literal["prefork", "worker", "event"] = "prefork",
    workers: int = 5,
    threads: int | None = None,
    max_requests: int = 0,
    autoreload: bool = False,
    debug: bool = False,
    interpreter: str = "",
    handler: Handler = "django_modpython",
    by: Literal["path", "ending"] = "path",
    at: str = "",
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """The chapter's preferred set-up: Django inside Apache's own processes, by mod_python; media from the same Apache."""
    return [
        ModPython(
            mpm=mpm,
            workers=workers,
            threads=threads,
            requests=max_requests,
            autoreload=autoreload,
            debug=debug,
            interpreters=(interpreter,),
            handler=handler,
            by=by,
            places=(_place(site, at=at, media=media),),
            keepalive=keepalive,
        )
    ]


@deployment("modwsgi-apache")
def modwsgi_apache(
    site: Site,
    *,
    mode: Literal["embedded", "daemon"] | None = None,
    mpm: Literal["prefork", "worker", "event"] = "event",
    connections: int = 10,
    workers: int | None = None,
    threads: int | None = None,
    at: str = "",
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """What came after mod_python: mod_wsgi. Django in processes beside Apache's own or, embedded, in those."""
    return [
        ModWsgi(
            mode=mode,
            mpm=mpm,
            workers=workers or connections if mode == "embedded" else connections,
            daemons=workers or 1,
            threads=threads if mode == "embedded" else None,
            daemon_threads=threads or 5,
            places=(_place(site, at=at, media=media),),
            keepalive=keepalive,
        )
    ]


@deployment("sites-nginx")
def sites_nginx(
    site: Site,
    other: Site,
    *,
    by: By = "host",
    at: Sequence[str] = (),
    workers: int = 5,
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """Two sites behind one nginx, told apart by host name or by path; a flup for each."""
    flups, places = backends((site, other), Addresses(by, at), workers=workers, files=media)
    return [*flups, Nginx(places=tuple(places), keepalive=keepalive)]


@deployment("sites-lighttpd")
def sites_lighttpd(
    site: Site,
    other: Site,
    *,
    by: By = "host",
    at: Sequence[str] = (),
    workers: int = 5,
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """Two sites behind one lighttpd, told apart by host name, as the chapter does it, or by path."""
    flups, places = backends((site, other), Addresses(by, at), workers=workers, files=media)
    return [*flups, Lighttpd(places=tuple(places), keepalive=keepalive)]


@deployment("sites-apache")
def sites_apache(
    site: Site,
    other: Site,
    *,
    by: By = "host",
    at: Sequence[str] = (),
    mpm: Literal["prefork", "event"] = "prefork",
    connections: int = 10,
    workers: int = 5,
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """Two sites behind one Apache: virtual hosts, or two paths of one host."""
    flups, places = backends((site, other), Addresses(by, at), workers=workers, files=media)
    return [*flups, Apache(mpm=mpm, workers=connections, places=tuple(places), keepalive=keepalive)]


@deployment("sites-modpython")
def sites_modpython(
    site: Site,
    other: Site,
    *,
    by: By = "host",
    at: Sequence[str] = (),
    interpreters: bool = True,
    mpm: Literal["prefork", "worker", "event"] = "prefork",
    workers: int = 5,
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """Two sites inside one Apache, by mod_python: virtual hosts, or two paths of one host; an interpreter for each."""
    places = embedded((site, other), Addresses(by, at), files=media)
    names = tuple(place.name for place in places) if interpreters else ()
    return [ModPython(mpm=mpm, workers=workers, interpreters=names, places=tuple(places), keepalive=keepalive)]


@deployment("sites-modwsgi")
def sites_modwsgi(
    site: Site,
    other: Site,
    *,
    by: By = "host",
    at: Sequence[str] = (),
    mode: Literal["embedded", "daemon"] | None = None,
    mpm: Literal["prefork", "worker", "event"] = "event",
    connections: int = 10,
    workers: int = 1,
    threads: int = 5,
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """Two sites of one Apache, by mod_wsgi: processes for each; embedded, an interpreter for each in Apache's own."""
    return [
        ModWsgi(
            mode=mode,
            mpm=mpm,
            workers=connections,
            daemons=workers,
            daemon_threads=threads,
            places=tuple(embedded((site, other), Addresses(by, at), files=media)),
            keepalive=keepalive,
        )
    ]


def _several(back: Back, number: int) -> list[Back]:
    """Servers of one kind: the first as it is, the others under names and at addresses of their own."""
    if number < 1:
        raise OptionError(f"backends={number}: 1 or more.")
    stem = back.listen.name.removesuffix(".sock")
    others = []
    for n in range(2, number + 1):
        listen = Unix(f"{stem}-{n}.sock") if isinstance(back.listen, Unix) else Tcp(f"{stem}-{n}")
        others.append(replace(back, name=f"{back.label}-{n}", listen=listen))
    return [back, *others]


def _place(site: Site, *backs: Server, at: str = "", media: bool = False) -> Place:
    upstreams = tuple(back.listen for back in backs)
    if not media:
        return Place(site=site, path=at, upstreams=upstreams)
    return Place(site=site, path=at, upstreams=upstreams, files=files_of(site, at), static=static_of(site, at))


def _back(listen: str) -> Listen:
    return Unix("site.sock") if listen == "unix" else Tcp("fastcgi")


@deployment("gunicorn-apache")
def gunicorn_apache(
    site: Site,
    *,
    mpm: Literal["prefork", "worker", "event"] = "event",
    connections: int = 10,
    workers: int = 4,
    threads: int = 1,
    backends: int = 1,
    at: str = "",
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """Apache in front, gunicorn behind a Unix socket, by HTTP: one, or several back-ends."""
    backs = _several(Gunicorn(site=site, listen=Unix("gunicorn.sock"), workers=workers, threads=threads), backends)
    place = _place(site, *backs, at=at, media=media)
    return [*backs, Apache(mpm=mpm, workers=connections, places=(place,), protocol="http", keepalive=keepalive)]


@deployment("gunicorn-lighttpd")
def gunicorn_lighttpd(
    site: Site,
    *,
    workers: int = 4,
    threads: int = 1,
    backends: int = 1,
    keepalive: float | None = None,
    media: bool = False,
) -> list[Server]:
    """lighttpd in front, gunicorn behind a Unix socket, by HTTP: one, or several back-ends."""
    backs = _several(Gunicorn(site=site, listen=Unix("gunicorn.sock"), workers=workers, threads=threads), backends)
    return [*backs, Lighttpd(places=(_place(site, *backs, media=media),), protocol="http", keepalive=keepalive)]


@deployment("gunicorn-haproxy")
def gunicorn_haproxy(
    site: Site, *, workers: int = 4, threads: int = 1, backends: int = 1, keepalive: float | None = None
) -> list[Server]:
    """HAProxy in front, gunicorn behind a Unix socket: one, or several back-ends; Django serves its media."""
    backs = _several(Gunicorn(site=site, listen=Unix("gunicorn.sock"), workers=workers, threads=threads), backends)
    return [*backs, Haproxy(places=(_place(site, *backs),), keepalive=keepalive)]


# To whoever imports it from here the register is full
__all__ = ["ARRANGEMENTS", "arrangement", "names"]
