"""Two of every server live in one deployment, and either ends without the other's notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path

import pytest

from labs import Deployment, Site
from labs.clients import probe
from labs.deployments.catalogue import ARRANGEMENTS
from labs.errors import LabError, Missing
from labs.servers.address import Listen, Tcp, Unix
from labs.servers.base import HTTP, FrontEnd, Server
from labs.servers.kinds import kinds
from labs.servers.memcached import Memcached
from labs.servers.nginx import Nginx
from labs.supervisor import listeners

pytestmark = pytest.mark.servers


def groups(site: Site) -> dict[str, list[Server]]:
    """Servers of as few arrangements as hold every kind; a kind of which none holds one stands beside the first."""
    built = {name: each.build(site) for name, each in ARRANGEMENTS.items() if each.sites == 1}
    wanted, found = set(kinds()), dict[str, list[Server]]()
    while name := max(built, key=lambda each: len(wanted & {type(server) for server in built[each]})):
        if not (new := wanted & {type(server) for server in built[name]}):
            break
        found[name], wanted = built[name], wanted - new
    first = next(iter(found))
    return {**found, first: [*(kind() for kind in sorted(wanted, key=str)), *found[first]]}


def second(servers: Sequence[Server]) -> list[Server]:
    """The same servers under other names, at addresses of their own."""
    named = [replace(server, name=f"{server.label}-b") for server in servers]
    moved: dict[Listen, Listen] = {}
    for before, after in zip(servers, named, strict=True):
        own = Tcp(f"{after.label}-port") if isinstance(before.listen, Tcp) else Unix(f"{after.label}.sock")
        moved[before.listen] = own if after.listen == before.listen else after.listen
    return [_moved(server, moved) for server in named]


def _moved(server: Server, moved: dict[Listen, Listen]) -> Server:
    changed: dict[str, object] = {"listen": moved.get(server.listen, server.listen)}
    if isinstance(server, FrontEnd):
        places = server.places
        changed["places"] = tuple(replace(p, upstreams=tuple(moved[each] for each in p.upstreams)) for p in places)
    assert set(changed) <= {field.name for field in fields(server)}
    return replace(server, **changed)  # type: ignore[arg-type]  # fields of this server


def serves(site: Deployment, servers: Sequence[Server]) -> bool:
    """Whether each of these is there, and the last of them answers readers."""
    for server in servers:
        running = site.running(server.label)
        family = [process.pid for process in running.processes()]
        if not listeners.serves(running.endpoint, lambda family=family: family):  # type: ignore[misc]
            return False
    return probe.get(f"http://{site.running(servers[-1].label).endpoint}/").text == "hello"


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.parametrize("name", groups(Site(folder=Path(), settings="tiny", wsgi="tiny_wsgi:application")))
def test_two_of_a_kind(name: str, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    ones = groups(tiny)[name]
    pair = (ones, second(ones))
    try:
        deployment = Deployment(name, tiny, [*pair[1], *ones])
    except Missing as error:
        pytest.skip(str(error))
    with deployment as site:
        for mine, other in (pair, pair[::-1]):
            there = files(site.folder.path)  # anew: some names are made up at each start
            assert serves(site, mine) and serves(site, other)
            for server in reversed(mine):
                site.stop_server(server.label)
            gone = there - files(site.folder.path)
            assert serves(site, other)
            stems = {server.stem for server in mine}
            strange = [each for each in gone if not any(stem in each for stem in stems) and not each.endswith(".sock")]
            assert not strange, "a server takes along what is its own"
            if mine is ones:
                assert not [each for each in gone if "-b" in each]
            for server in mine:
                site.start_server(server.label)
        assert serves(site, ones) and serves(site, pair[1])
        assert site.alerts() == []
        logs = [log for server in site.servers for log in server.logs(site.folder)]
        assert len(logs) == len(set(logs)), "each has logs of its own"
    nothing_left()


def test_every_kind_is_among_them(tiny: Site) -> None:
    tried = {type(server) for servers in groups(tiny).values() for server in servers}
    assert tried == set(kinds()) and len(tried) > 7


def test_two_servers_need_two_names_and_two_addresses(run_folder: Path) -> None:
    with pytest.raises(LabError, match=r"both have the label nginx\. Give one another, by name="):
        Deployment("x", Site(folder=Path(), settings="", wsgi=""), [Nginx(), Nginx(listen=Tcp("second"))])
    with pytest.raises(LabError, match="both have the listen http"):
        Deployment("x", Site(folder=Path(), settings="", wsgi=""), [Nginx(), Nginx(name="second")])
    assert Memcached(name="second").listen != Memcached().listen
    assert Nginx().listen == HTTP
