"""The network between the machines of a deployment: a bridge in a namespace of its own, and a cable to each machine.

                 readers   web     db              each in its namespace, with eth0 and an address
                    |       |       |
                 port 1  port 2  port 3            in the hub, on the bridge: a cable is unplugged at its port

Limits sit at both ends of a machine's cable, so that they hold for what it sends and for what it gets.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from . import namespaces
from .namespaces import Space

PREFIX = 24
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCETHTOOL, IFF_UP = 0x8913, 0x8914, 0x8946, 1  # <linux/sockios.h>, <linux/if.h>
OFFLOADS = (0x17, 0x19, 0x1F, 0x24)  # <linux/ethtool.h>: checksums, scatter, segmentation: what leaves is as on a cable
LATENCY = "100ms"  # the longest that a packet waits in the queue of a limited cable, tc-tbf(8)
BURST = 20_000  # bytes that may pass at once, more than the largest piece that the kernel would send in one: tc-tbf(8)
MTU = 1500


class Node(NamedTuple):
    """One end of the network: a machine, or the readers.

    bandwidth  bits per second, each way; 0 for none
    delay      seconds, each way; 0 for none
    by         what delays: "netem", "wire", or nothing
    """

    name: str
    address: str
    bandwidth: float = 0
    delay: float = 0
    by: str = ""


class Made(NamedTuple):
    """Handles: the hub, and a space for each node in order."""

    hub: Space
    spaces: list[Space]


def make(nodes: list[Node], library: str) -> tuple[Made, float]:
    """Make the namespaces and wire them; what was made, and the CPU seconds that it took.

    library  the folder that pyroute2 lies in
    Raises OSError where this system does not allow it, with what it said.
    """
    here, there = socket.socketpair()
    child = namespaces.helper(lambda: _make(there, nodes, library))
    there.close()
    with here:
        parts = []
        word, handles, _, _ = socket.recv_fds(here, 65536, len(nodes) + 2)
        parts.append(word)
        while word := here.recv(65536):
            parts.append(word)
    _, status, usage = os.wait4(child, 0)
    said = b"".join(parts).decode()
    if said != "done":
        for handle in handles:
            os.close(handle)
        raise OSError(1, said or f"the process that makes the network ended ({status})")
    user = None if os.geteuid() == 0 else handles.pop()
    spaces = [Space(user, handle) for handle in handles]
    return Made(spaces[0], spaces[1:]), usage.ru_utime + usage.ru_stime


def _make(pipe: socket.socket, nodes: list[Node], library: str) -> None:
    """In a child: everything, then the handles to the parent."""
    try:
        user = namespaces.own_user()
        namespaces.die_with_parent(os.getppid())
        handles = [namespaces.own_network() for _ in range(len(nodes) + 1)]
        spaces = [Space(None, handle) for handle in handles]
        _wire(spaces, nodes, library)
    except Exception as error:  # noqa: BLE001 - pyroute2's own are no OSError; the parent tells the reader
        code = getattr(error, "code", 0)  # pyroute2's NetlinkError
        words = os.strerror(code) if code else getattr(error, "strerror", "") or str(error) or type(error).__name__
        pipe.sendall(words.encode())
        return
    socket.send_fds(pipe, [b"done"], [*handles, *([user] if user is not None else [])])


def _wire(spaces: list[Space], nodes: list[Node], library: str) -> None:
    sys.path.append(library)
    from pyroute2 import IPRoute  # the one thing here that is not the standard library's

    spaces[0].enter()
    with IPRoute() as hub:
        hub.link("add", ifname="bridge", kind="bridge", br_forward_delay=0)
        bridge = hub.link_lookup(ifname="bridge")[0]
        hub.link("set", index=bridge, state="up")
        for number, (node, space) in enumerate(zip(nodes, spaces[1:], strict=True), 1):
            hub.link("add", ifname=port(number), kind="veth", peer={"ifname": _inner(number, node), **_to(node, space)})
            index = hub.link_lookup(ifname=port(number))[0]
            hub.link("set", index=index, master=bridge, state="up")
            _limits(hub, index, node)
            if node.by == "wire":  # the far end of the port stays in the hub, and a second cable leads on from there
                hub.link(
                    "add", ifname=f"near{number}", kind="veth", peer={"ifname": "eth0", "net_ns_fd": space.network}
                )
                for name in (f"far{number}", f"near{number}"):
                    hub.link("set", index=hub.link_lookup(ifname=name)[0], state="up")
                plain(port(number))
    for node, space in zip(nodes, spaces[1:], strict=True):
        space.enter()
        with IPRoute() as machine:
            for name in ("lo", "eth0"):
                machine.link("set", index=machine.link_lookup(ifname=name)[0], state="up")
            index = machine.link_lookup(ifname="eth0")[0]
            machine.addr("add", index=index, address=node.address, prefixlen=PREFIX)
            _limits(machine, index, node)
        if node.by == "wire":
            plain("eth0")


def _inner(number: int, node: Node) -> str:
    return f"far{number}" if node.by == "wire" else "eth0"


def _to(node: Node, space: Space) -> dict[str, int]:
    return {} if node.by == "wire" else {"net_ns_fd": space.network}


def _limits(route: Any, index: int, node: Node) -> None:
    """Queueing disciplines of one end (tc-tbf(8), tc-netem(8))."""
    parent: dict[str, int] = {}
    if node.bandwidth:
        route.tc("add", "tbf", index, 0x10000, rate=f"{round(node.bandwidth)}bit", burst=BURST + MTU, latency=LATENCY)
        parent = {"parent": 0x10001}
    if node.by == "netem":
        route.tc("add", "netem", index, 0x100000, delay=round(node.delay * 1e6), limit=10_000, **parent)


def port(number: int) -> str:
    """The interface of the hub that a node's cable ends at."""
    return f"port{number}"


def plain(interface: str) -> None:
    """Let nothing leave by this interface that a real cable would not carry: whole checksums, packets of its size."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for what in OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("II", what, 0))
            ask = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(any_socket, SIOCETHTOOL, ask)


def switch(interface: str, *, up: bool) -> None:
    """Set an interface of this namespace up or down. Raises OSError, also where it did not become so."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        flags = _flags(any_socket, interface)
        wanted = flags | IFF_UP if up else flags & ~IFF_UP
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", interface.encode(), wanted))
        if bool(_flags(any_socket, interface) & IFF_UP) != up:
            raise OSError(5, f"{interface} did not go {'up' if up else 'down'}")


def _flags(any_socket: socket.socket, interface: str) -> int:
    answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sh14x", interface.encode(), 0))
    return int(struct.unpack("16sh14x", answer)[1])


def within(space: Space, action: Callable[[], object]) -> float:
    """Do something in a namespace, by a child that ends after it; the CPU seconds that it took. Raises OSError."""
    told, tell = os.pipe()

    def do() -> None:
        try:
            space.enter()
            namespaces.die_with_parent(os.getppid())
            action()
        except OSError as error:
            os.write(tell, (error.strerror or str(error)).encode())

    child = namespaces.helper(do)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        words = pipe.read().decode()
    _, status, usage = os.wait4(child, 0)
    if words or status:
        raise OSError(1, words or f"a helper ended ({status})")
    return usage.ru_utime + usage.ru_stime
