"""lighttpd: the light front-end of the chapter, which speaks FastCGI and CGI by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from labs import quoting
from labs.errors import OptionError
from labs.servers import mime
from labs.servers.account import account_for
from labs.servers.address import Listen
from labs.servers.base import FrontEnd
from labs.servers.folder import Folder
from labs.servers.place import Place
from labs.servers.program import Program
from labs.servers.relocation import there
from labs.site import Site

PROXY = {"fastcgi": "fastcgi", "http": "proxy"}  # protocol -> the module that speaks it
# Headers that say which way a visitor came, in every spelling that CGI takes for them
DROPPED = [
    f'"X{first}Forwarded{second}{name}" => ""' for name in ("Host", "Proto") for first in "-_" for second in "-_"
]


@dataclass(frozen=True, kw_only=True)
class Lighttpd(FrontEnd):
    """lighttpd as a front-end: files itself, the rest to back-ends by FastCGI or HTTP, or to a CGI program started per request.

    Requests for a place with several back-ends go to each in turn, and to another where one refuses.

    cgi  the site whose pages are made by a process each, instead of a back-end
    """

    cgi: Site | None = None

    program = Program(name="lighttpd", apt="lighttpd", brew="lighttpd", dnf="lighttpd", pacman="lighttpd")
    title = "lighttpd"
    language = "lighttpd"
    reload = "SIGUSR1"
    signal = "SIGINT"  # graceful (lighttpd's manual page, SIGNALS)
    patience = 3.0
    hint = "lighttpd -tt -f on the file checks the configuration alone."
    alert: ClassVar[str | None] = r"\.c\.\d+\)"
    harmless: ClassVar[str] = r"server started|server stopped|graceful shutdown|NOTE: a request|logfiles cycled"

    @property
    def interface(self) -> str:
        return "CGI" if self.cgi else ""

    def private(self) -> set[str]:
        return {f"{self.stem}.conf"} if self.cgi else set()

    def files(self, folder: Folder) -> dict[str, str]:
        if self.keepalive and self.keepalive != int(self.keepalive):
            raise OptionError(f"lighttpd counts Keep-Alive in whole seconds, not {self.keepalive:g}.")
        listen = folder.endpoint(self.listen)
        # A CGI program must write to the site's data, so it stays with whoever starts the lab.
        served = [path for place in self.places for path in place.files.values()]
        account = None if self.cgi else account_for(folder.path, *served)
        pieces: dict[str, object] = {
            "modules": ", ".join(f'"{module}"' for module in self.modules()),
            "host": listen.host,
            "port": listen.port,
            "folder": folder.path,
            "stem": self.stem,
            "public": self.public,
            "types": self.included(folder, ".types"),
            "user": f'server.username      = "{account.user}"\nserver.groupname     = "{account.group}"'
            if account
            else "",
            "keepalive": self.keepalive_piece(),
            "forwarded": self.forwarded_piece(),
            "server_name": self.server_name_piece(listen.host),
            "places": "\n\n".join(self.place_pieces(folder)),
        }
        files = {**self.file_pieces(folder), f"{self.stem}.conf": self.template("lighttpd.conf", pieces)}
        if self.cgi:
            files[f"{self.public}/site.cgi"] = self.template("site.cgi", {"project": self.cgi.folder})
        return files

    def file_pieces(self, folder: Folder) -> dict[str, str]:
        """What is said of files, in files that the configuration includes."""
        found = {f"{self.stem}.types": self.piece("types", types=_types())}
        if any(place.static for place in self.places):
            found[f"{self.stem}-static.types"] = self.piece("types", types=_types("; charset=utf-8"))
            found[f"{self.stem}-static.conf"] = self.piece(
                "static-headers", text=self.included(folder, "-static.types")
            )
        return found

    def included(self, folder: Folder, part: str) -> str:
        """A file of its own configuration, as `include` takes it."""
        return quoting.lighttpd_include(there(str(folder / f"{self.stem}{part}")))

    def quoted(self, name: str, path: str) -> str:
        return quoting.python(path) if name == "site.cgi" else quoting.lighttpd(path)

    def piece(self, fragment: str, **values: object) -> str:
        return self.template(f"{fragment}.conf", values)

    def keepalive_piece(self) -> str:
        if self.keepalive is None:
            return ""
        return self.piece("keepalive", seconds=int(self.keepalive)) if self.keepalive else self.piece("keepalive-off")

    def forwarded_piece(self) -> str:
        """Whose word is taken for the way a visitor came."""
        if not self.dynamic:
            return ""
        trusted = ", ".join(f'"{source}" => "trust"' for source in self.tls_proxy)
        # Only a front-end says where a site lies, never a visitor: gunicorn would believe it
        dropped = [*DROPPED, *(['"SCRIPT_NAME" => ""'] if self.protocol == "http" else [])]
        pieces = [self.piece("forwarded", dropped=",\n".join(dropped))]
        if trusted:
            others = [each for each in dropped if "X-Forwarded-Proto" not in each]
            pieces.append(self.piece("tls-proxy", trusted=trusted, dropped=",\n".join(others)))
        return "".join(pieces)

    @property
    def dynamic(self) -> bool:
        """Whether it makes pages, and does not only send files."""
        return bool(self.cgi) or any(place.upstreams for place in self.places)

    def server_name_piece(self, host: str) -> str:
        """Its name, for a request that names none. With host names a request must say which site it means."""
        if any(place.hosts for place in self.places) or not self.dynamic or self.protocol == "http":
            return ""
        return self.piece("server-name", host=host)

    def modules(self) -> list[str]:
        """The modules that this configuration uses, in the order in which they look at a request."""
        below = any(place.path and place.upstreams for place in self.places)
        used = {
            "mod_extforward": self.tls_proxy,
            "mod_setenv": self.dynamic or any(place.static for place in self.places),
            "mod_rewrite": self.cgi,
            "mod_redirect": below,
            "mod_alias": any(place.files for place in self.places),
            "mod_cgi": self.cgi,
            f"mod_{PROXY[self.protocol]}": any(place.upstreams for place in self.places),
        }
        return [module for module, use in used.items() if use]

    def place_pieces(self, folder: Folder) -> Iterator[str]:
        """What each place is, within the conditions under which it is meant."""
        for place in self.places:
            text = self.media_piece(folder, place) + self.dynamic_piece(folder, place)
            if place.path:
                slash = self.piece("below-slash", path=place.path) if place.upstreams else ""
                text = self.piece("below", path=place.path, slash=slash, place=text)
            if place.hosts:
                names = "|".join(re.escape(host) for host in place.hosts)
                text = self.piece("host", names=names if len(place.hosts) == 1 else f"({names})", place=text)
            yield text

    def media_piece(self, folder: Folder, place: Place) -> str:
        folders = ", ".join(f'"{url}" => "{quoting.lighttpd(there(str(path)))}/"' for url, path in place.folders)
        pieces = [self.piece("media", folders=folders)] if folders else []
        for url in place.static:
            where = {"static_url": url, "below": place.below(url)}
            pieces.append(self.piece("static", **where, headers=self.included(folder, "-static.conf")))
        return "".join(f"{piece}\n" for piece in pieces)

    def dynamic_piece(self, folder: Folder, place: Place) -> str:
        urls = "|".join(map(re.escape, place.files))
        urls = f"({urls})" if len(place.files) > 1 else urls
        if self.cgi:
            rules = f'"^({urls}.*)$" => "$1",' if urls else ""
            variables = {name: folder.resolve(value) for name, value in self.cgi.launch_environment().items()}
            environment = ",\n".join(f'"{n}" => "{quoting.lighttpd_whole(value)}"' for n, value in variables.items())
            python = quoting.lighttpd_whole(there(str(self.cgi.python)))
            return self.piece("cgi", rules=rules, python=python, environment=environment)
        if not place.upstreams:
            return ""
        if place.path and self.protocol == "http":
            raise OptionError(
                "lighttpd can tell a back-end by HTTP of no path that its site lies below: at='' here, or nginx or Apache."
            )
        kind = f"{self.protocol}-below" if place.path else self.protocol
        hosts = "), (\n".join(self.piece(f"{kind}-host", upstream=_where(folder, each)) for each in place.upstreams)
        balance = self.piece(f"balance-{self.protocol}") if len(place.upstreams) > 1 else ""
        dynamic = balance + self.piece(kind, hosts=hosts, path=place.path)
        return self.piece("beside-media", dynamic=dynamic, urls=urls) if urls else dynamic

    def command(self, folder: Folder) -> list[str]:
        found = self.find()
        modules = found.folder("lib/lighttpd", "usr/lib/lighttpd", "lib64/lighttpd")
        return [
            str(found.path),
            "-D",
            *(["-m", str(modules)] if modules else []),
            "-f",
            str(folder / f"{self.stem}.conf"),
        ]

    def check_command(self, folder: Folder) -> list[str]:
        return [word if word != "-D" else "-tt" for word in self.command(folder)]

    def logs(self, folder: Folder) -> list[Path]:
        return [*super().logs(folder), folder.log / f"{self.stem}-error.log"]


def _where(folder: Folder, listen: Listen) -> str:
    """A back-end's address."""
    endpoint = folder.endpoint(listen)
    if endpoint.path:
        return f'"socket" => "{quoting.lighttpd_whole(endpoint.path)}",'
    return f'"host" => "{endpoint.host}", "port" => {endpoint.port},'


def _types(more: str = "") -> str:
    """Each ending with its type, and what is told beside the types of text."""
    pairs = [(ending, kind) for kind, endings in mime.TYPES.items() for ending in endings]
    lines = [f'".{ending}" => "{kind}{more if kind in mime.TEXT else ""}",' for ending, kind in pairs]
    return "\n".join([*lines, '"" => "application/octet-stream"'])
