"""lighttpd: the light front-end of the chapter, which speaks FastCGI and CGI by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from labs.account import account_for
from labs.errors import OptionError
from labs.folder import Folder
from labs.program import Program
from labs.servers.base import FrontEnd
from labs.site import Site


@dataclass(frozen=True, kw_only=True)
class Lighttpd(FrontEnd):
    """lighttpd as a front-end: files itself, the rest to a FastCGI back-end, or to a CGI program started per request.

    cgi  the site whose pages are made by a process each, instead of an upstream
    """

    cgi: Site | None = None

    program = Program(name="lighttpd", apt="lighttpd", brew="lighttpd", dnf="lighttpd")
    title = "lighttpd"
    reload = "SIGUSR1"
    signal = "SIGINT"  # graceful (lighttpd's manual page, SIGNALS)
    patience = 3.0
    hint = "lighttpd -tt -f on the file checks the configuration alone."
    alert: ClassVar[str | None] = r"\.c\.\d+\)"
    harmless: ClassVar[str] = r"server started|server stopped|graceful shutdown|NOTE: a request|logfiles cycled"

    def files(self, folder: Folder) -> dict[str, str]:
        if self.keepalive and self.keepalive != int(self.keepalive):
            raise OptionError(f"lighttpd counts Keep-Alive in whole seconds, not {self.keepalive:g}.")
        listen = folder.endpoint(self.listen)
        # A CGI program must write to the site's data, so it stays with whoever starts the lab.
        account = None if self.cgi else account_for(folder.path, self.media)
        modules = ["mod_setenv", "mod_rewrite"] if self.cgi else []
        modules += ["mod_alias"] if self.media else []
        modules += ["mod_cgi"] if self.cgi else ["mod_fastcgi"] if self.upstream else []
        pieces: dict[str, object] = {
            "modules": ", ".join(f'"{module}"' for module in modules),
            "host": listen.host,
            "port": listen.port,
            "folder": folder.path,
            "label": self.label,
            "user": f'server.username      = "{account.user}"\nserver.groupname     = "{account.group}"'
            if account
            else "",
            "keepalive": self.keepalive_piece(),
            "media": self.piece("media", media=self.media, media_url=self.media_url) if self.media else "",
            "dynamic": self.dynamic_piece(folder),
        }
        files = {f"{self.label}.conf": self.template("lighttpd.conf", pieces), "public/.keep": ""}
        if self.cgi:
            files["public/site.cgi"] = self.template("site.cgi", {})
        return files

    def piece(self, fragment: str, **values: object) -> str:
        return self.template(f"{fragment}.conf", values)

    def keepalive_piece(self) -> str:
        if self.keepalive is None:
            return ""
        return self.piece("keepalive", seconds=int(self.keepalive)) if self.keepalive else self.piece("keepalive-off")

    def dynamic_piece(self, folder: Folder) -> str:
        if self.cgi:
            rules = f'"^({self.media_url}.*)$" => "$1",' if self.media else ""
            variables = {name: folder.resolve(value) for name, value in self.cgi.launch_environment().items()}
            environment = ",\n".join(f'"{name}" => "{value}"' for name, value in variables.items())
            return self.piece("cgi", rules=rules, python=self.cgi.python, environment=environment)
        if self.upstream is None:
            return ""
        endpoint = folder.endpoint(self.upstream)
        where = (
            f'"socket" => "{endpoint}",'
            if endpoint.path
            else f'"host" => "{endpoint.host}", "port" => {endpoint.port},'
        )
        fastcgi = self.piece("fastcgi", upstream=where)
        return self.piece("beside-media", fastcgi=fastcgi, media_url=self.media_url) if self.media else fastcgi

    def command(self, folder: Folder) -> list[str]:
        found = self.find()
        modules = found.folder("lib/lighttpd", "usr/lib/lighttpd", "lib64/lighttpd")
        return [
            str(found.path),
            "-D",
            *(["-m", str(modules)] if modules else []),
            "-f",
            str(folder / f"{self.label}.conf"),
        ]

    def check_command(self, folder: Folder) -> list[str]:
        return [word if word != "-D" else "-tt" for word in self.command(folder)]

    def logs(self, folder: Folder) -> list[Path]:
        return [*super().logs(folder), folder.log / f"{self.label}-error.log"]
