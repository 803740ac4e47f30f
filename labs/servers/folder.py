"""The private folder of one deployment: configuration, logs, sockets, data. It goes when the deployment goes."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

from ephemeral_port_reserve import reserve

from labs.paths import TOP
from labs.servers.address import Endpoint, Listen, Tcp, Unix
from labs.servers.relocation import there

LOOPBACK = "127.0.0.1"


class Folder:
    """Paths and addresses of one deployment.

    path     the folder itself
    sockets  where Unix sockets lie: a folder within, or a short one elsewhere, since the kernel takes
             107 bytes for the path of a socket (unix(7)) and a checkout may lie deeper
    ports    name of an address -> its port; without, free ones of this machine are picked
    stays    whether it stays behind when its deployment ends
    hosts    name of an address -> the IP address of the machine that listens there; empty: all on this one
    machines IP address -> the name of the machine
    """

    def __init__(
        self,
        path: Path,
        sockets: Path,
        *,
        ports: Mapping[str, int] | None = None,
        stays: bool = False,
        hosts: Mapping[str, str] | None = None,
        machines: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.stays = stays
        self.sockets = path / "socket" if sockets == path else sockets
        self.log = path / "log"
        self.tmp = path / "tmp"
        self.guard = ""  # what keeps a reader's project as it is: "overlay", "hook", or nothing where there is none
        self.unshielded = ""  # why it is the hook alone
        self._ports = ports
        self.hosts, self.machines = dict(hosts or {}), dict(machines or {})
        self._endpoints: dict[Listen, Endpoint] = {}

    def make(self) -> Self:
        """Make the folders that servers write to."""
        for folder in (self.log, self.tmp, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:  # front-ends that root starts write here as somebody without rights
                folder.chmod(0o1777)
        return self

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def write(self, name: str, text: str) -> None:
        """Write a file of configuration below the folder."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if path.suffix == ".py":
            # Python keeps byte code by path, size and the second of the last change. Two deployments within a second
            # differ in a port of the same length: a date made from the text tells.
            date = zlib.crc32(text.encode())
            os.utime(path, (date, date))

    def endpoint(self, listen: Listen) -> Endpoint:
        """The address behind a name; a port is picked the first time it is asked for.

        A port is reserved by leaving it in TIME_WAIT: the system gives it to nobody else for a minute, and a server
        that sets SO_REUSEADDR, as all of ours do, can take it (ephemeral-port-reserve's README).
        """
        if listen not in self._endpoints:
            match listen:
                case Tcp(name):
                    host = self.hosts.get(name, LOOPBACK)
                    port = self._ports[name] if self._ports is not None else reserve(LOOPBACK)
                    self._endpoints[listen] = Endpoint(host=host, port=port)
                case Unix(name):
                    self._endpoints[listen] = Endpoint(path=str(self.sockets / name))
        return self._endpoints[listen]

    def seen(self, listen: Listen) -> str:
        """The address that a server's own connections come from: on loopback it is always the same one."""
        host = self.endpoint(listen).host
        return LOOPBACK if host.startswith("127.") else host

    def resolve(self, text: str) -> str:
        """A variable's value: `{folder}`, `{guard}`, `{addresses}`, and `{name}` of every address, replaced by this run's.

        After :// the path of a socket is a part of a URL.
        """
        known = {listen.name: str(each) for listen, each in self._endpoints.items()}
        known |= {"addresses": " ".join(known.values()), "folder": str(self.path), "guard": self.guard}

        def put(found: re.Match[str]) -> str:
            value = known[found["name"]]
            return f"://{quote(value, safe='/: ')}" if found["url"] else value

        names = "|".join(map(re.escape, known))
        return there(re.sub(rf"(?P<url>://)?\{{(?P<name>{names})\}}", put, text))

    def neutral(self, text: str) -> str:
        """The same text with this run's paths and ports, and the checkout's path, replaced by names: two runs on two
        machines read the same."""
        text = text.replace(str(self.sockets), "{folder}/socket").replace(str(self.path), "{folder}")
        for listen, endpoint in self._endpoints.items():
            if endpoint.port:
                text = text.replace(str(endpoint.port), "{%s}" % listen.name)  # noqa: UP031 - braces inside braces read worse
        for address, name in self.machines.items():
            text = re.sub(rf"(?<![\d.]){re.escape(address)}(?![\d.])", "{%s}" % name, text)  # noqa: UP031 - as above
        return text.replace(str(TOP), "{checkout}")
