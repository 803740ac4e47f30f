"""Where a server listens: named before anything runs, resolved by the folder of the deployment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tcp:
    """A port on loopback that the system picks when the deployment's folder is made. Two servers that name the same
    port mean the same port."""

    name: str


@dataclass(frozen=True)
class Unix:
    """A Unix domain socket in the deployment's folder."""

    name: str


Listen = Tcp | Unix


@dataclass(frozen=True)
class Endpoint:
    """A resolved address: either host and port, or the path of a socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"

    @property
    def key(self) -> str | tuple[str, int]:
        """The form that `socket.connect` takes."""
        return self.path or (self.host, self.port)
