"""The machines of one deployment, as its keeper holds them: who runs where, with which limits, and what was got of them."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from . import door, groups, namespaces, network, wire
from .namespaces import Space
from .network import Node

HERE = ""  # the machine of readers, and of every server that has none
DOOR = "readers.door"
CONNECT = 5.0  # seconds until a machine must have been reached once


class Cluster:
    """Namespaces, cables, groups and the helpers that belong to them. Raises OSError where they cannot be had.

    machines  what was asked: name, address, and cpu, memory, bandwidth, delay where there is such a limit
    """

    def __init__(self, machines: list[dict[str, Any]], group: str) -> None:
        self.machines = {machine["name"]: machine for machine in machines}
        self.names = list(self.machines)
        self.group = group  # how the names of its control groups begin
        self.helpers: dict[int, str] = {}  # process number -> what it does
        self.folders: dict[str, list[str]] = {}  # machine -> its control group
        self.spaces: dict[str, Space] = {}
        self.hub: Space | None = None
        self.spent = 0.0  # CPU seconds of helpers that have ended

    def make_groups(self, note: Callable[[], None]) -> None:
        """The control groups. `note` writes their names down, before each is made and again when it is there."""
        for name, machine in self.machines.items():
            cpu, memory = machine.get("cpu", 0), machine.get("memory", 0)
            if cpu or memory:
                self.folders[name] = groups.planned(self.group + name, cpu=cpu, memory=memory)
                note()
                self.folders[name] = groups.make(self.group + name, cpu=cpu, memory=memory)

    def make_network(self, library: str, sockets: Path) -> None:
        """The namespaces, the cables between them, and the door for readers."""
        nodes = [
            Node(name, m["address"], m.get("bandwidth", 0), m.get("delay", 0), m.get("by", ""))
            for name, m in self.machines.items()
        ]
        made, self.spent = network.make(nodes, library)
        self.hub, self.spaces = made.hub, dict(zip(self.names, made.spaces, strict=True))
        opened = door.listener(str(sockets / DOOR))
        self._help("door", self.spaces[HERE], lambda: door.serve(opened))
        opened.close()
        for number, node in enumerate(nodes, 1):
            if node.by == "wire":
                one, other, delay = f"far{number}", f"near{number}", node.delay
                self._help(f"wire of {node.name}", made.hub, partial(wire.serve, one, other, delay))
        self.spent += network.within(self.spaces[HERE], lambda: reach([node.address for node in nodes]))

    def _help(self, what: str, space: Space, action: Callable[[], object]) -> None:
        keeper = os.getpid()

        def run() -> None:
            space.enter()
            namespaces.die_with_parent(keeper)
            action()

        self.helpers[namespaces.helper(run)] = what

    def enter_user(self) -> None:
        """Put this process into the user namespace that owns the others, where there is one."""
        if self.hub is not None:
            Space(self.hub.user, self.hub.network).enter()

    def enter(self, name: str) -> None:
        """Put this process on a machine. Raises OSError."""
        groups.enter(self.folders.get(name, []))
        if self.hub is not None:
            self.spaces[name].enter()

    def plug(self, name: str, *, up: bool) -> None:
        """Plug a machine's cable in, or pull it out at the far end: what is sent then goes nowhere, and nobody is told."""
        if self.hub is None:
            raise OSError(95, "machines on loopback addresses have no cable that could be unplugged")
        number = self.names.index(name) + 1
        self.spent += network.within(self.hub, lambda: network.switch(network.port(number), up=up))

    def got(self) -> dict[str, dict[str, Any]]:
        """machine -> what it has now, as the system tells it: throttled, and the memory that it used at most."""
        return {name: groups.seen(folders) for name, folders in self.folders.items()}

    def end(self) -> None:
        """Let go of everything, once no server runs any more."""
        for folders in self.folders.values():
            groups.clear(folders)
        handles = {self.hub.user, self.hub.network} if self.hub else set()
        for handle in handles | {space.network for space in self.spaces.values()} - {None}:
            if handle is not None:
                os.close(handle)
        self.hub, self.spaces, self.folders = None, {}, {}


def reach(addresses: list[str]) -> None:
    """Every address is reached from here: a port that nobody listens on is refused there, and not silent. Raises OSError."""
    for address in addresses:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            client.settimeout(CONNECT)
            try:
                client.connect((address, 1))
            except ConnectionRefusedError:
                continue
            except OSError as error:
                raise OSError(error.errno or 110, f"{address} cannot be reached: {error}") from None
