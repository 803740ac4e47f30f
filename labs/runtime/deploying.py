"""`deploy`: from a name and options to a deployment whose files are written."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from labs.deployments.catalogue import ARRANGEMENTS, arrangement
from labs.deployments.placement import placed
from labs.deployments.services import Media, surroundings
from labs.deployments.virtual_hosts import Addresses
from labs.errors import OptionError
from labs.newsroom import site as newsroom
from labs.runtime.deployment import Deployment
from labs.servers.base import HTTP, START_TIMEOUT, FrontEnd, Server
from labs.servers.gunicorn import Gunicorn
from labs.servers.machine import Machine
from labs.shop import site as shop
from labs.site import Site


def deploy(
    name: str,
    *,
    site: Site | None = None,
    cache: Literal["memcached"] | None = None,
    cache_pages: int = 0,
    database: Literal["postgresql"] | None = None,
    media: Media | None = None,
    media_keepalive: float | None = None,
    tls_proxy: str | Sequence[str] = (),
    cpus: set[int] | None = None,
    keep: bool = False,
    start_timeout: float = START_TIMEOUT,
    other: Site | None = None,
    machines: Mapping[str, Machine] | None = None,
    rung: int | None = None,
    **options: object,
) -> Deployment:
    """A deployment with its configuration written and nothing running yet.

    name         see `python -m labs list`
    site         the Django project; the newsroom when none is named
    cache        "memcached" starts one and points the site at it
    cache_pages  seconds that whole pages stay in that cache; 0 caches no pages
    database     "postgresql" starts one with the site's tables and rows, and points the site at it; None: SQLite, a file
    media        who serves media files: "django", the "front-end" (the default where there is one), or a server of
                 their "own"
    media_keepalive  seconds that this server of their own keeps idle connections; 0 for none, None for its default
    tls_proxy    the address, or network, of a proxy in front at which HTTPS ends, or several: what it says of a visitor in
                 X-Forwarded-Proto and X-Forwarded-For is believed; of nobody else
    cpus         processors that the servers may use; None for all
    keep         leave the folder behind, of a failed start too
    start_timeout  seconds that all servers and the first page of each site may take together
    other        the second Django project, where two are served; the shop when none is named
    machines     a server's label, or "*" for the others -> its machine; who has none runs on this one, where readers are
    rung         the highest of the ladder (labs/supervisor/ladder.py) that the machines may use: 1, 2 or 4; None for what there is
    options      options of that arrangement: workers, keepalive, method, listen, mpm, …

    Raises OptionError for what the arrangement does not have, Missing when a program is not on this machine, NotHere for
    a limit of a machine that this host cannot give.
    """
    kind = arrangement(name)
    kind.check(options)
    sites, paths = [site or newsroom()], [str(options.get("at", ""))]
    if kind.sites == 2:
        addresses = Addresses(options.get("by", "host"), options.get("at", ()))  # type: ignore[arg-type]  # it says what it takes
        sites, paths = [*sites, other or shop()], list(addresses.paths)
    elif other is not None:
        raise OptionError(
            f"{name} serves one site; two are served by {', '.join(each for each in ARRANGEMENTS if ARRANGEMENTS[each].sites == 2)}."
        )
    for each in sites:
        each.check()
    said = {
        "cache": cache,
        "cache_pages": cache_pages or None,
        "database": database,
        "media": media,
        "media_keepalive": media_keepalive,
        "tls_proxy": tls_proxy or None,
        "machines": {label: machine.name for label, machine in machines.items()} if machines else None,
        **options,
    }
    trusted = addresses_of(tls_proxy)
    front_serves = "media" in kind.options
    media = media or ("front-end" if front_serves else "django")
    if media == "front-end" and not front_serves:
        raise OptionError(f"{name} has no front-end that could serve media; media may be 'django' or 'own'.")
    sites, further = surroundings(
        sites,
        paths,
        cache=cache,
        cache_pages=cache_pages,
        media=media,
        media_keepalive=media_keepalive,
        database=database,
    )
    if front_serves:
        options["media"] = media == "front-end"
    servers = [*further, *(behind_proxies(server, trusted) for server in kind.build(*sites, **options))]
    servers = placed(servers, machines or {})
    shown = {key: value for key, value in said.items() if value is not None}
    return Deployment(
        name, sites[0], servers, options=shown, cpus=cpus, keep=keep, start_timeout=start_timeout, rung=rung
    ).write_config()


def addresses_of(proxies: str | Sequence[str]) -> tuple[str, ...]:
    """Addresses or networks. Raises OptionError for what is none."""
    found = proxies.split(",") if isinstance(proxies, str) else proxies
    for each in filter(None, found):
        try:
            ipaddress.ip_network(each)
        except ValueError as error:
            raise OptionError(
                f"tls_proxy={each!r}: the address of the proxy at which HTTPS ends, such as 127.0.0.1, or a network such as "
                f"10.0.0.0/8 ({error})."
            ) from error
    return tuple(filter(None, found))


def behind_proxies(server: Server, proxies: tuple[str, ...]) -> Server:
    """The server that answers readers, told which proxies it may believe; any other as it is."""
    if proxies and server.listen == HTTP and isinstance(server, FrontEnd | Gunicorn):
        return replace(server, tls_proxy=proxies)
    return server
