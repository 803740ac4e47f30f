"""memcached: the cache that the chapter recommends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labs.servers.account import account_for, is_root
from labs.servers.address import Listen, Unix
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.program import Program

SOCKET = Unix("memcached.sock")


@dataclass(frozen=True, kw_only=True)
class Memcached(Server):
    """memcached, for the site's cache.

    megabytes  memory for values
    threads    threads that serve
    """

    listen: Listen = SOCKET
    megabytes: int = 64
    threads: int = 1

    def __post_init__(self) -> None:
        if self.name and self.listen == SOCKET:  # two of them need two
            object.__setattr__(self, "listen", Unix(f"{self.name}.sock"))

    program = Program(
        name="memcached", apt="memcached", brew="memcached", dnf="memcached", pacman="memcached", version=("-V",)
    )
    title = "memcached"
    hint = "memcached -h lists its options."
    alert: ClassVar[str | None] = r"(?i)failed|error"

    def command(self, folder: Folder) -> list[str]:
        endpoint = folder.endpoint(self.listen)
        # -U 0: no UDP. -a: who may open the socket; where root starts it, whoever runs the site.
        where = (
            ["-s", endpoint.path, "-a", "777" if is_root() else "700"]
            if endpoint.path
            else ["-l", endpoint.host, "-p", str(endpoint.port), "-U", "0"]
        )
        # memcached refuses to work as root unless it is told as whom
        account = account_for(folder.path)
        user = ["-u", account.user if account else "root"] if is_root() else []
        return [str(self.find().path), *where, "-m", str(self.megabytes), "-t", str(self.threads), *user]
