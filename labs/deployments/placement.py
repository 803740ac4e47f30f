"""The servers of a deployment, put on machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from labs.errors import OptionError
from labs.servers.address import Listen, Tcp, Unix
from labs.servers.base import HTTP, FrontEnd, Server
from labs.servers.folder import LOOPBACK
from labs.servers.gunicorn import Gunicorn
from labs.servers.machine import Machine

OTHERS = "*"  # stands for every server that is not named


def placed(servers: Sequence[Server], machines: Mapping[str, Machine]) -> list[Server]:
    """The servers, each on the machine that is named for its label or title, or for "*"; the others stay on this one.

    A Unix socket leads nowhere from another machine: TCP takes its place, in the server and in who asks it.
    Raises OptionError for a label that no server has, and for two machines of one name.
    """
    known = {name for server in servers for name in (server.label, server.title)}
    if wrong := [label for label in machines if label not in {*known, OTHERS}]:
        raise OptionError(f"machines: there is no {wrong[0]}. There are: {', '.join(s.label for s in servers)}.")
    named: dict[str, Machine] = {}
    for machine in machines.values():
        if named.setdefault(machine.name, machine) != machine:
            raise OptionError(f"machines: there are two different ones called {machine.name}.")
    there = [replace(server, machine=_machine(server, machines)) for server in servers]
    apart = {server.listen for server in there if any(_asks(other, server) for other in there)}
    tcp: dict[Listen, Listen] = {each: Tcp(each.name.partition(".")[0]) for each in apart if isinstance(each, Unix)}
    return [_moved(server, tcp) for server in there]


def named(servers: Sequence[Server], hosts: Mapping[str, str]) -> tuple[Server, ...]:
    """The servers, with front-ends that know their own address wherever one of their places is meant by a bare address.

    hosts  name of an address -> the machine's that listens there
    """
    return tuple(_named(each, hosts.get(each.listen.name, LOOPBACK)) for each in servers)


def _named(server: Server, host: str) -> Server:
    if not isinstance(server, FrontEnd) or host == LOOPBACK:
        return server
    bare = [replace(each, hosts=(*each.hosts, host)) if LOOPBACK in each.hosts else each for each in server.places]
    return replace(server, places=tuple(bare))


def _machine(server: Server, machines: Mapping[str, Machine]) -> Machine | None:
    return next((machines[name] for name in (server.label, server.title, OTHERS) if name in machines), None)


def _asks(front: Server, back: Server) -> bool:
    """Whether a front-end asks a server of another machine."""
    asked = isinstance(front, FrontEnd) and any(back.listen in place.upstreams for place in front.places)
    return asked and front.machine != back.machine


def _moved(server: Server, tcp: Mapping[Listen, Listen]) -> Server:
    if server.listen in tcp:
        if server.handed:
            raise OptionError(
                "handed=true needs front-end and back-end on one machine: a socket that is handed over is a Unix one."
            )
        server = replace(server, listen=tcp[server.listen])
        if isinstance(server, Gunicorn):
            server = replace(server, behind=HTTP)
    if isinstance(server, FrontEnd):
        places = [replace(each, upstreams=tuple(tcp.get(up, up) for up in each.upstreams)) for each in server.places]
        server = replace(server, places=tuple(places))
    return server
