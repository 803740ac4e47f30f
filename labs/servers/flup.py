"""flup: the FastCGI server of the chapter, started by `runfcgi`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from labs.servers.account import account_for
from labs.servers.address import Listen, Unix
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.program import Found, Program
from labs.servers.python import module_version
from labs.site import Site

SOCKET = Unix("site.sock")


@dataclass(frozen=True, kw_only=True)
class Flup(Server):
    """flup around a site, as `manage.py runfcgi` starts it.

    method   "threaded": one process, a thread a request; "prefork": a process a request
    workers  threads or processes, all started at once, so that no measurement sees them grow
    plain    flup as it comes, without the mends of runfcgi
    """

    site: Site
    listen: Listen = SOCKET
    method: Literal["threaded", "prefork"] = "threaded"
    workers: int = 5
    plain: bool = False

    def __post_init__(self) -> None:
        if self.name and self.listen == SOCKET:  # two of them need two
            object.__setattr__(self, "listen", Unix(f"{self.name}.sock"))

    program = Program(name="runfcgi", apt="", pip="flup", package="flup")
    title = "flup"
    packages = ("flup-",)
    patience = 5.0
    hint = "Run the command by hand in the folder: Python's own message is usually the answer."
    alert: ClassVar[str | None] = r"^Traceback|^\w*Error:"

    @property
    def interface(self) -> str:
        return "FastCGI"

    def find(self) -> Found:
        """flup as the site's own interpreter sees it. Raises Missing."""
        return module_version(self.site.python, "flup", self.program, self.site.lent)

    def command(self, folder: Folder) -> list[str]:
        endpoint = folder.endpoint(self.listen)
        where = [f"socket={endpoint}"] if endpoint.path else [f"host={endpoint.host}", f"port={endpoint.port}"]
        # A front-end that works as somebody else must be able to open the socket.
        umask = ["umask=000"] if endpoint.path and account_for(folder.path) else []
        if self.handed:  # without an address, runfcgi serves the socket that is its standard input
            where, umask = [], []
        pool = [f"minspare={self.workers}", f"maxspare={self.workers}", f"maxchildren={self.workers}"]
        program = [str(self.site.manage), "runfcgi"] if self.site.manage else ["-m", "django_runfcgi"]
        plain = ["plain=true"] if self.plain else []
        words = [f"method={self.method}", *where, *pool, *umask, *plain, "daemonize=false"]
        return [str(self.site.python), *program, *words]

    @property
    def home(self) -> Path:
        """As under manage.py: a relative path means the same to the site."""
        return self.site.folder

    def serves(self, folder: Folder, pid: int) -> bool:
        """runfcgi says so, with its number. A socket that it was handed took connections before it ran, and one of the same
        path may be its predecessor's."""
        said = self.logs(folder)[0].read_text("utf-8", "replace")
        return re.search(rf"^runfcgi: .*; process {pid}$", said, re.MULTILINE) is not None

    def environment(self, folder: Folder) -> dict[str, str]:
        return self.site.launch_environment()
