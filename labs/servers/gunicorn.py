"""gunicorn: the reference server, what most Django teams run today."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from labs import quoting
from labs.servers.address import Listen
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.program import Found, Program
from labs.servers.python import module_version
from labs.site import Site


@dataclass(frozen=True, kw_only=True)
class Gunicorn(Server):
    """gunicorn around a site's WSGI application.

    workers    processes
    threads    threads a process; above 1, or with keepalive, the worker class is gthread
    keepalive  seconds an idle connection is kept; 0 turns Keep-Alive off; None leaves gunicorn's own default
    preload    load the site before the workers are forked
    tls_proxy  addresses of proxies in front at which HTTPS ends, whose X-Forwarded-Proto is believed; of nobody else
    behind     where a front-end on another machine listens: it is believed as one at a Unix socket is
    """

    site: Site
    workers: int = 4
    threads: int = 1
    keepalive: float | None = None
    preload: bool = False
    tls_proxy: tuple[str, ...] = ()
    behind: Listen | None = None

    program = Program(
        name="gunicorn", apt="gunicorn", dnf="python3-gunicorn", pacman="gunicorn", pip="gunicorn", package="gunicorn"
    )
    title = "gunicorn"
    language = "python"
    packages = ("gunicorn-", "packaging-")
    reload = "SIGHUP"
    patience = 5.0
    hint = "Run the command by hand in the folder: Python's own message is usually the answer."
    alert: ClassVar[str | None] = r"\[(ERROR|CRITICAL)\]"

    @property
    def interface(self) -> str:
        return "WSGI"

    def find(self) -> Found:
        """gunicorn as the site's own interpreter sees it. Raises Missing."""
        return module_version(self.site.python, "gunicorn", self.program, self.site.lent)

    @property
    def worker_class(self) -> Literal["sync", "gthread"]:
        return "gthread" if self.threads > 1 or self.keepalive else "sync"

    def files(self, folder: Folder) -> dict[str, str]:
        endpoint = folder.endpoint(self.listen)
        # Which front-end it is, that a Unix socket would tell
        front = folder.seen(self.behind) if self.behind else ""
        pieces: dict[str, object] = {
            "wsgi": self.site.wsgi,
            "bind": quoting.python(f"unix:{endpoint}") if endpoint.path else endpoint,
            "workers": self.workers,
            "worker_class": self.worker_class,
            "threads": self.threads,
            "keepalive": 2 if self.keepalive is None else f"{self.keepalive:g}",
            "preload": self.preload,
            "trusted": ",".join([*self.tls_proxy, *([front] if front else [])]),
            "forwarder": "SCRIPT_NAME" if endpoint.path or front else "",
            "folder": folder.path,
            "stem": self.stem,
            "project": self.site.folder,
        }
        return {f"{self.stem}.conf.py": self.template("gunicorn.conf", pieces)}

    def quoted(self, name: str, path: str) -> str:
        return quoting.python(path)

    def command(self, folder: Folder) -> list[str]:
        return [str(self.site.python), "-m", "gunicorn", "-c", str(folder / f"{self.stem}.conf.py")]

    def check_command(self, folder: Folder) -> list[str]:
        return [*self.command(folder), "--check-config"]

    def environment(self, folder: Folder) -> dict[str, str]:
        return self.site.launch_environment()

    def serves(self, folder: Folder, pid: int) -> bool:
        """Whether each of its workers has loaded the site, by its standard error: the master takes connections before one of them has."""
        said = f"Worker of master {pid} has loaded the site\n"
        log = self.logs(folder)[0]
        return log.exists() and log.read_text("utf-8", "replace").count(said) >= self.workers

    def logs(self, folder: Folder) -> list[Path]:
        return [*super().logs(folder), folder.log / f"{self.stem}-error.log"]
