"""A deployment to take home: its configuration, systemd units, and a README that explains each file."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from labs import manual, systemd
from labs.account import is_root, ordinary
from labs.copies import copy
from labs.deployment import Deployment
from labs.errors import OptionError
from labs.folder import Folder
from labs.guard import own_settings
from labs.host import moves
from labs.paths import APPS, BYTECODE
from labs.servers.flup import Flup
from labs.servers.lighttpd import Lighttpd
from labs.servers.mod_python import ModPython

PORTS = ("http", "media", "fastcgi", "memcached")  # in this order from the first port on
RUNFCGI = APPS / "django_runfcgi"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was written: the folder, and its files with a line about each."""

    folder: Path
    files: dict[str, str]


def export(
    deployment: Deployment, target: Path, *, prefix: Path | None = None, port: int = 8000, user: str = ""
) -> Exported:
    """Write everything that `deployment` runs from into `target`.

    prefix  where the folder will lie on the host; by default it stays where it is, and runs from there. On another host
            programs are taken from their usual places, the project from PREFIX/project and its Python from PREFIX/venv
    port    of the front-end; other servers that need a port take the following ones
    user    whom the system services run as; without, the units are for `systemctl --user`

    Raises OptionError when `target` is there and not empty, the ports do not exist, or a path is too long for a socket.
    """
    if any(isinstance(server, ModPython) for server in deployment.servers):
        raise OptionError(
            f"{deployment.name} is for looking at: mod_python crashes at some addresses, and Debian 13 no longer has it. "
            "modwsgi-apache is what to take to a server."
        )
    target = target.expanduser().absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OptionError(f"{target} is there already and not empty: name a new folder.")
    if not 0 < port < 65536 - len(PORTS):
        raise OptionError(f"port={port}: a number from 1 to {65535 - len(PORTS)}.")
    place = (prefix or target).expanduser()
    if not place.is_absolute():
        raise OptionError(
            f"--prefix {place}: where the folder will lie on the host, from the root on, such as /srv/news."
        )
    # What is taken elsewhere, or given to a service's own user, is nobody's who could hand on to another account.
    with ordinary() if prefix or user not in ("", "root") else nullcontext():
        return _write(deployment, target, place, elsewhere=prefix is not None, port=port, user=user)


def _write(deployment: Deployment, target: Path, place: Path, *, elsewhere: bool, port: int, user: str) -> Exported:
    folder = Folder(place, place, ports={name: port + number for number, name in enumerate(PORTS)})
    for server in deployment.servers:
        socket = folder.endpoint(server.listen).path
        limit = deployment.front.longest_socket
        if len(socket.encode()) > limit:
            raise OptionError(f"{socket} is too long for a socket ({limit} bytes): name a folder nearer the root.")
    move = Mover(deployment, place, elsewhere=elsewhere)
    project = "-".join(dict.fromkeys(own_settings(s).partition(".")[0].replace("_", "-") for s in deployment.sites))
    written = {n: move(folder.resolve(t)) for server in deployment.servers for n, t in server.files(folder).items()}
    secret = {name for server in deployment.servers for name in server.private()}
    for server in deployment.servers:
        if variables := server.environment(folder):
            name = systemd.variables_file(server)
            lines = [systemd.assignment(each, move(folder.resolve(value))) for each, value in variables.items()]
            written[name] = "\n".join([f"# Variables of {server.title}. Secrets may be among them.", *lines, ""])
            secret.add(name)
    units = systemd.units(project, deployment.servers, folder, user=user)
    written |= {f"systemd/{name}": move(text) for name, text in units.items()}

    home = Folder(target, target).make()
    for name, text in written.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in secret:
            path.touch(mode=0o600)
        path.write_text(text, "utf-8")
    if not is_root():
        home.sockets.chmod(0o700)  # gunicorn's socket is open to all: the folder is what keeps others out
        home.log.chmod(0o755)
        home.tmp.chmod(0o700)
    about = {name: manual.about(name, text) for name, text in written.items() if not name.endswith(".keep")}
    about |= _bring(deployment, target, elsewhere=elsewhere)
    readme = manual.Manual(deployment, folder, move, about, project, user, elsewhere=elsewhere)
    (target / "README.md").write_text(readme.text(), "utf-8")
    return Exported(folder=target, files={"README.md": "What is here, and how to run it.", **about})


def runs_ours(deployment: Deployment) -> bool:
    """Whether a server runs the package django_runfcgi: as runfcgi, or as a CGI program."""
    return any(isinstance(each, Flup) or (isinstance(each, Lighttpd) and each.cgi) for each in deployment.servers)


def borrowed(deployment: Deployment) -> list[Path]:
    """The packages among those that are lent which these servers need."""
    needed = {"runfcgi": ("flup-",), "gunicorn": ("gunicorn-", "packaging-")}
    names = tuple(name for server in deployment.servers for name in needed.get(server.program.name, ()))
    lent = dict.fromkeys(folder for site in deployment.sites for folder in site.lent)
    return [folder for folder in lent if folder.name.startswith(names)] if names else []


def _bring(deployment: Deployment, target: Path, *, elsewhere: bool) -> dict[str, str]:
    """Put what the servers need beside their configuration; a line about each. Another host gets its packages by pip."""
    about = {}
    if runs_ours(deployment):
        shutil.copytree(RUNFCGI, target / "apps" / RUNFCGI.name, ignore=shutil.ignore_patterns("__pycache__"))
        about["apps/django_runfcgi/"] = "The command runfcgi, which Django removed in 1.9, and a CGI program."
    for folder in [] if elsewhere else borrowed(deployment):
        copy(folder, target / "apps")
        about["apps/"] = "Packages that the project's Python lacks. Better: install them there, and delete these."
    for site in deployment.sites:
        if site.database is not None and "database" in site.variables:
            name = site.environment[site.variables["database"]].removeprefix("{folder}/")
            copy(site.database, target / name)
            about[name] = "A copy of the site's database, for trying this out."
    return about | {
        "log/": "Logs of errors. Nothing rotates them yet.",
        "socket/": "Sockets between the servers.",
        "tmp/": "Uploads on their way, and lock files.",
    }


class Mover:
    """Rewrites paths of this machine into those of the host."""

    def __init__(self, deployment: Deployment, place: Path, *, elsewhere: bool) -> None:
        # What is lent lies in apps/ too, which is on the path already
        self.pairs = [(f":{lent}", "") for site in deployment.sites for lent in site.lent]
        if not (runs_ours(deployment) or (borrowed(deployment) and not elsewhere)):
            self.pairs.append((f":{APPS}", ""))
        self.pairs += [(str(APPS), f"{place}/apps"), (str(BYTECODE), f"{place}/bytecode")]
        if elsewhere:
            self.pairs += moves(deployment, place)

    def __call__(self, text: str) -> str:
        for here, there in self.pairs:
            text = text.replace(here, there)
        return text
