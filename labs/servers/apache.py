"""Apache 2.4 as a front-end: the chapter's web server, under each of its process models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import ClassVar, Literal

from labs import quoting
from labs.errors import Missing, OptionError
from labs.servers import mime
from labs.servers.account import Account, account_for
from labs.servers.address import Listen
from labs.servers.base import FrontEnd
from labs.servers.folder import Folder
from labs.servers.module import FOLDERS
from labs.servers.place import Place
from labs.servers.program import Found, Program
from labs.servers.relocation import there

ALWAYS = ("authz_core", "mime", "dir", "alias", "headers")
PROXY = {"fastcgi": ("proxy", "proxy_fcgi", "rewrite"), "http": ("proxy", "proxy_http", "rewrite")}
BALANCER = ("slotmem_shm", "proxy_balancer", "lbmethod_byrequests")
SCHEME = {"fastcgi": "fcgi", "http": "http"}
STATIC = ("rewrite",)
TLS_PROXY = ("remoteip", "setenvif")
SOCKET_REFUSED = '"#?|>'  # what ends the path of a socket in a RewriteRule, a URL or <Proxy> (tried with 2.4.71)


@dataclass(frozen=True, kw_only=True)
class Apache(FrontEnd):
    """Apache as a front-end: files itself, the rest to back-ends by FastCGI (mod_proxy_fcgi) or HTTP (mod_proxy_http).

    Requests for a place with several back-ends go to each in turn, and to another where one refuses (mod_proxy_balancer).

    mod_fastcgi, which the chapter configures, is no longer distributed; mod_proxy_fcgi is Apache's own.

    mpm       "prefork": a process a connection; "worker": a thread a connection; "event": threads, and idle connections
              cost none of them
    workers   connections that are served at the same time: processes or threads
    threads   threads a process, under the two that have them; None for all in one process
    requests  connections after which a process ends and another takes its place; 0 for none
    """

    mpm: Literal["prefork", "worker", "event"] = "prefork"
    workers: int = 10
    threads: int | None = None
    requests: int = 0

    program = Program(
        name="apache2", apt="apache2-bin media-types", brew="httpd", dnf="httpd", pacman="apache", also=("httpd",)
    )
    title = "Apache"
    language = "apacheconf"
    reload = "SIGUSR1"
    patience = 5.0
    hint = "apache2 -t -f on the file checks the configuration alone."
    alert: ClassVar[str | None] = r":(emerg|alert|crit|error)\]"
    # AH00161 and AH00484 say, once, that all workers are busy, which some labs bring about on purpose. AH02155 comes
    # where root starts it below a folder that nobody else may enter: it then keeps root's workers, on loopback.
    harmless: ClassVar[str] = r"AH00161|AH00484|AH02155"
    further: ClassVar[tuple[str, ...]] = ()  # modules of Apache's own that a variant needs

    @property
    def longest_socket(self) -> int:
        """mod_proxy takes fewer than the kernel: with 96 it says "uds path too long" (tried with 2.4.71)."""
        return 95

    def modules(self) -> list[str]:
        """Names of the modules that this configuration uses; those built into the program are left out."""
        names = [
            f"mpm_{self.mpm}",
            *ALWAYS,
            *self.further,
            *(PROXY[self.protocol] if any(place.upstreams for place in self.places) else ()),
            *(BALANCER if any(len(place.upstreams) > 1 for place in self.places) else ()),
            *(STATIC if any(place.static for place in self.places) else ()),
            *(TLS_PROXY if self.tls_proxy else ()),
        ]
        names = list(dict.fromkeys(names))
        return ["unixd", *names] if (self.module_folder() / "mod_unixd.so").exists() else names

    def module_folder(self) -> Path:
        found = self.find()
        folder = found.folder(*FOLDERS)
        if folder is None:
            raise Missing("Apache's modules", self.program.brings())
        return folder

    @staticmethod
    def types(found: Found) -> Path:
        path = found.folder("etc/mime.types", "etc/httpd/mime.types") or Path("/etc/mime.types")
        if not path.exists():
            raise Missing("mime.types, which Apache wants", "make servers (unpacks media-types into the checkout)")
        return path

    def files(self, folder: Folder) -> dict[str, str]:
        found, modules = self.find(), quoting.apache(there(str(self.module_folder())))
        account = self.workers_account(folder)
        pieces: dict[str, object] = {
            "folder": folder.path,
            "listen": folder.endpoint(self.listen),
            "user": f"User               {account.user}\nGroup              {account.group}" if account else "",
            "modules": "\n".join(f'LoadModule {name}_module "{modules}/mod_{name}.so"' for name in self.modules()),
            "types": self.types(found),
            "stem": self.stem,
            "public": self.public,
            "mpm": self.mpm_piece(),
            "keepalive": self.keepalive_piece(),
            "tls_proxy": self.tls_proxy_piece(),
            "dynamic": self.dynamic_piece(folder),
            "places": "\n\n".join(self.place_pieces(folder)),
            "dollar": "",
        }
        if "${dollar}" in self.template("apache.conf", pieces):
            pieces["dollar"] = self.piece("dollar")
        folders = {f"{self.public}/.keep": "", f"tmp/{self.stem}/.keep": ""}
        return {**self.file_pieces(folder), f"{self.conf}": self.template("apache.conf", pieces), **folders}

    def file_pieces(self, folder: Folder) -> dict[str, str]:
        """What is said of files, in files that the configuration includes."""
        found = {f"{self.stem}.types": self.piece("types", types=_types(mime.TYPES))}
        if any(place.static for place in self.places):
            found[f"{self.stem}-static.types"] = self.piece("types", types=_types(mime.TEXT, "; charset=utf-8"))
            found[f"{self.stem}-static.conf"] = self.piece("static-headers", folder=folder.path, stem=self.stem)
        return found

    def template(self, name: str, values: dict[str, object]) -> str:
        paths = {key: there(str(value)) for key, value in values.items() if isinstance(value, Path)}
        patterns = {f"{key}_pattern": quoting.apache_pattern(path) for key, path in paths.items()}
        return super().template(name, {**values, **patterns})

    def quoted(self, name: str, path: str) -> str:
        return quoting.python(path) if name.endswith(".wsgi") else quoting.apache(path)

    def workers_account(self, folder: Folder) -> Account | None:
        """Whom the processes that serve work as, when root starts Apache."""
        return account_for(folder.path, *(path for place in self.places for path in place.files.values()))

    @property
    def conf(self) -> str:
        return f"{self.stem}.conf"

    @property
    def stem(self) -> str:
        return self.name or "apache"

    def piece(self, fragment: str, **values: object) -> str:
        return self.template(f"{fragment}.conf", values)

    def mpm_piece(self) -> str:
        threads = self.threads or self.workers
        if self.mpm == "prefork" and self.threads not in (None, 1):
            raise OptionError("prefork has one thread a process; mpm='worker' and 'event' have more.")
        if threads < 1 or self.workers % threads:
            raise OptionError(f"{self.workers} workers cannot be shared out to processes of {threads} threads each.")
        lifetime = self.piece("lifetime-short", requests=self.requests) if self.requests else self.piece("lifetime")
        pieces = {"workers": self.workers, "threads": threads, "processes": self.workers // threads}
        return self.piece(self.mpm, lifetime=lifetime, **pieces)

    def dynamic_piece(self, folder: Folder) -> str:
        """What stands once, before the places: how pages are made."""
        return self.piece(self.protocol) if any(place.upstreams for place in self.places) else ""

    def keepalive_piece(self) -> str:
        if self.keepalive is None:
            return ""
        if self.keepalive == 0:
            return self.piece("keepalive-off")
        return self.piece("keepalive", milliseconds=round(self.keepalive * 1000))

    def tls_proxy_piece(self) -> str:
        if not self.tls_proxy:
            return ""
        # The peer's address: mod_remoteip has put the visitor's in the place of REMOTE_ADDR by then
        trusted = " || ".join(f"%{{CONN_REMOTE_ADDR}} -ipmatch '{source}'" for source in self.tls_proxy)
        sources = "\n".join(f"RemoteIPInternalProxy {source}" for source in self.tls_proxy)
        return self.piece("tls-proxy", trusted=trusted, sources=sources)

    def place_pieces(self, folder: Folder) -> Iterator[str]:
        """A virtual host for each set of names; where there are names, first one for those that no site has."""
        listen = folder.endpoint(self.listen)
        if any(place.hosts for place in self.places):
            yield self.piece("nobody", listen=listen)
        for hosts, places in groupby(self.places, key=lambda place: place.hosts):
            mine = list(places)
            inside = [self.folder_piece(folder, place, url) for place in mine for url, _ in place.folders]
            text = "\n".join([*inside, *self.site_pieces(folder, mine)])
            if hosts:
                others = f"ServerAlias {' '.join(hosts[1:])}" if hosts[1:] else ""
                text = self.piece("host", listen=listen, name=hosts[0], others=others, places=text)
            yield text

    def folder_piece(self, folder: Folder, place: Place, url: str) -> str:
        """A folder of files, with the packed ones beside them where they are the project's own."""
        if url not in place.static:
            return self.piece("media", media=place.files[url], media_url=url)
        below = place.below(url)
        values = {"static": place.files[url], "static_url": url, "below": below, "folder": folder.path}
        inner = self.piece("static-inner", below=below) if "(?!" in below else ""
        takes = {"takes_gzip": mime.takes("gzip"), "takes_brotli": mime.takes("br")}
        return self.piece("static", **values, **takes, inner=inner, stem=self.stem)

    def site_pieces(self, folder: Folder, places: Sequence[Place]) -> Iterator[str]:
        """What hands the requests for these places of one host to their sites."""
        rules = "\n".join(self.rules(folder, place) for place in places if place.upstreams)
        if rules:
            yield self.piece("rules", rules=rules, slashes=self.piece("slashes"))

    def rules(self, folder: Folder, place: Place) -> str:
        """What is a file, what is Django's."""
        media = "\n".join(f'RewriteRule           "^{re.escape(url)}" - [L]' for url, _ in place.folders)
        # Behind a socket the host means nothing to anybody but Apache, which tells its workers apart by it.
        http = self.protocol == "http"
        host = "localhost" if place.name == "django" else place.name
        if len(place.upstreams) == 1:
            where = self.upstream(folder, place.upstreams[0], host)
            worker = self.piece("http-worker" if http else "fcgi-worker", worker=quoting.apache(where))
        else:
            where = f"balancer://{place.name}"
            members = [self.upstream(folder, each, f"{host}-{n}") for n, each in enumerate(place.upstreams, 1)]
            more = "flushpackets=on" + (" responsefieldsize=32768" if http else "")
            lines = "\n".join(f'BalancerMember "{quoting.apache(each)}" retry=0 {more}' for each in members)
            worker = self.piece("balancer", name=place.name, members=lines)
        kind = ("http-" if http else "") + ("below" if place.path else "root")
        upstream = quoting.apache_substitution(where)
        return self.piece(kind, upstream=upstream, worker=worker, media=media, path=place.path)

    def upstream(self, folder: Folder, listen: Listen, host: str) -> str:
        """A back-end as mod_proxy names it."""
        endpoint, scheme = folder.endpoint(listen), SCHEME[self.protocol]
        if not endpoint.path:
            return f"{scheme}://{endpoint}"
        quoting.held("What Apache's mod_proxy is told of a socket", endpoint.path, SOCKET_REFUSED)
        return f"unix:{endpoint}|{scheme}://{host}"

    def command(self, folder: Folder) -> list[str]:
        return [str(self.find().path), "-D", "FOREGROUND", "-f", str(folder / self.conf)]

    def check_command(self, folder: Folder) -> list[str]:
        return [str(self.find().path), "-t", "-f", str(folder / self.conf)]

    def logs(self, folder: Folder) -> list[Path]:
        return [*super().logs(folder), folder.log / f"{self.stem}-error.log"]


def _types(kinds: Iterable[str], more: str = "") -> str:
    """A line for each type with its endings, and what is told beside it."""
    return "\n".join(f'AddType "{kind}{more}" .{" .".join(mime.TYPES[kind])}' for kind in kinds)
