"""A deployment to take home: its configuration, systemd units, and a README that explains each file."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from labs import quoting
from labs.errors import OptionError
from labs.export import manual, systemd
from labs.export.host import moves, named_sites, runner
from labs.own.copies import copy
from labs.own.isolation import own_settings
from labs.paths import APPS, BYTECODE
from labs.runtime.deployment import Deployment
from labs.servers.account import Account, is_root, ordinary
from labs.servers.address import Tcp
from labs.servers.database import Database
from labs.servers.flup import Flup
from labs.servers.folder import Folder
from labs.servers.lighttpd import Lighttpd
from labs.servers.mod_python import ModPython
from labs.servers.relocation import mover, taken

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

    Raises OptionError when `target` is there and not empty, the ports or the user cannot be, or a path is too long for a
    socket or cannot be written in a server's configuration.
    """
    if any(isinstance(server, ModPython) for server in deployment.servers):
        raise OptionError(
            f"{deployment.name} is for looking at: mod_python crashes at some addresses, and Debian 13 no longer has it. "
            "modwsgi-apache is what to take to a server."
        )
    if kept := [server for server in deployment.servers if isinstance(server, Database)]:
        raise OptionError(
            f"{deployment.name} with {kept[0].title}: not written. A database outlives what runs beside it, and wants backups: on a "
            f"host {kept[0].title} is a service of the system's (apt install {kept[0].program.apt}). Export without --set "
            "database=…, and name that database in the site's variables or settings."
        )
    target = absolute(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OptionError(f"{target} is there already and not empty: name a new folder.")
    last = 65536 - len(ports(deployment))
    if not 0 < port <= last:
        raise OptionError(f"port={port}: a number from 1 to {last}.")
    place = Path(os.path.normpath(expanded(prefix))) if prefix else target
    if not place.is_absolute():
        raise OptionError(
            f"--prefix {place}: where the folder will lie on the host, from the root on, such as /srv/news."
        )
    quoting.held("A unit of systemd's", str(place), "".join(quoting.CONTROL))
    if user and not re.fullmatch(r"[A-Za-z_][\w.-]*\$?|[0-9]+", user, re.ASCII):
        raise OptionError(f"--user {user}: the name of an account of the host, such as shop.")
    # What is taken elsewhere, or given to a service's own user, is nobody's who could hand on to another account.
    with ordinary() if prefix or user not in ("", "root") else nullcontext():
        return _write(deployment, target, place, elsewhere=prefix is not None, port=port, user=user)


def ports(deployment: Deployment) -> list[str]:
    """Names of the addresses that need a port, the front-end's first."""
    servers = sorted(deployment.servers, key=lambda server: server.listen != deployment.front.listen)
    return list(dict.fromkeys(each.listen.name for each in servers if isinstance(each.listen, Tcp)))


def _write(deployment: Deployment, target: Path, place: Path, *, elsewhere: bool, port: int, user: str) -> Exported:
    folder = Folder(place, place, ports={name: port + number for number, name in enumerate(ports(deployment))})
    for server in deployment.servers:
        socket = folder.endpoint(server.listen).path
        limit = deployment.front.longest_socket
        if len(socket.encode()) > limit:
            raise OptionError(f"{socket} is too long for a socket ({limit} bytes): name a folder nearer the root.")
    project = unit_name([own_settings(site) for site in deployment.sites])
    # In the account of whoever will run it: with root's own, the front-end's workers are somebody else
    accounts = {account for server in deployment.servers if (account := server.works_as(folder))}
    with taken(mover(_pairs(deployment, place, accounts, elsewhere=elsewhere))):
        written = {name: text for server in deployment.servers for name, text in server.files(folder).items()}
        secret = {name for server in deployment.servers for name in server.private()}
        variables = _variables(deployment, folder)
        units = systemd.units(project, deployment.servers, folder, user=user)
        written |= variables | {f"systemd/{name}": text for name, text in units.items()}
        about = {name: manual.about(name, text) for name, text in written.items() if not name.endswith(".keep")}
        about |= _brought(deployment, elsewhere=elsewhere)
        readme = manual.Manual(deployment, folder, about, project, user, elsewhere=elsewhere).text()

    _write_files(target, {**written, "README.md": readme}, secret | variables.keys(), accounts)
    _bring(deployment, target, elsewhere=elsewhere)
    for account in accounts:  # what the site writes to, where root starts its servers
        for name in ("data", f"bytecode-{account.user}"):
            if (target / name).exists() or name != "data":
                (target / name).mkdir(exist_ok=True)
                account.own(target / name)
    return Exported(folder=target, files={"README.md": "What is here, and how to run it.", **about})


def _variables(deployment: Deployment, folder: Folder) -> dict[str, str]:
    """Files of variables, by name: of each server, and of each site whose server has them in its configuration alone."""
    named: dict[str, tuple[str, Mapping[str, str]]] = {}
    for server in deployment.servers:
        if found := server.environment(folder):
            named[systemd.variables_file(server)] = (server.title, found)
    for place, site in named_sites(deployment):
        if runner(deployment, site) is None:
            named[f"{place}.env"] = (f"the site {own_settings(site)}, for commands by hand", site.launch_environment())
    return {
        name: "\n".join(
            [
                f"# Variables of {whose}. Secrets may be among them.",
                *(systemd.assignment(each, folder.resolve(value)) for each, value in variables.items()),
                "",
            ]
        )
        for name, (whose, variables) in named.items()
    }


def _write_files(target: Path, written: Mapping[str, str], secret: set[str], accounts: set[Account]) -> None:
    """Write them so that whoever must read one can, whatever the umask, and nobody else reads a secret."""
    home = Folder(target, target).make()
    target.chmod(0o755)
    for name, text in written.items():
        path = target / name
        for folder in reversed([each for each in path.parents if target in each.parents]):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        if name not in secret:
            path.chmod(0o644)
        elif name.endswith(".wsgi"):  # read by the processes that run the site, not by whoever starts them
            for account in accounts:
                os.chown(path, -1, account.group_number)
                path.chmod(0o640)
    if not is_root():
        home.sockets.chmod(0o700)  # gunicorn's socket is open to all: the folder is what keeps others out
        home.log.chmod(0o755)
        home.tmp.chmod(0o700)


def unit_name(settings: Sequence[str]) -> str:
    """The beginning of every unit's name: that of the projects, in the letters that a unit's name may have (systemd.unit(5))."""
    names = (re.sub(r"[^A-Za-z0-9.]+", "-", each.partition(".")[0]).strip("-") for each in settings)
    return "-".join(dict.fromkeys(name or "site" for name in names))


def expanded(path: Path) -> Path:
    """With a home folder in the place of ~. Raises OptionError for somebody who has none."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise OptionError(f"{path}: {error}") from error


def absolute(path: Path) -> Path:
    """From the root on, without the .. that systemd takes in no path."""
    path = expanded(path).absolute()
    return path.resolve() if ".." in path.parts else path


def runs_ours(deployment: Deployment) -> bool:
    """Whether a server runs the package django_runfcgi: as runfcgi, or as a CGI program."""
    return any(isinstance(each, Flup) or (isinstance(each, Lighttpd) and each.cgi) for each in deployment.servers)


def borrowed(deployment: Deployment) -> list[Path]:
    """The packages among those that are lent which these servers need."""
    names = tuple(name for server in deployment.servers for name in server.packages)
    lent = dict.fromkeys(folder for site in deployment.sites for folder in site.lent)
    return [folder for folder in lent if folder.name.startswith(names)] if names else []


def _databases(deployment: Deployment) -> dict[str, Path]:
    """Name in the folder -> the database that is copied there."""
    return {
        site.environment[site.variables["database"]].removeprefix("{folder}/"): site.database
        for site in deployment.sites
        if site.database is not None and "database" in site.variables
    }


def _bring(deployment: Deployment, target: Path, *, elsewhere: bool) -> None:
    """Put what the servers need beside their configuration. Another host gets its packages by pip."""
    if runs_ours(deployment):
        shutil.copytree(RUNFCGI, target / "apps" / RUNFCGI.name, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [] if elsewhere else borrowed(deployment):
        copy(folder, target / "apps")
    for name, database in _databases(deployment).items():
        copy(database, target / name)
    for path in (target, *target.rglob("*")):
        if path.parts[len(target.parts) :][:1] in (("apps",), ("data",)):
            path.chmod(0o755 if path.is_dir() else 0o644)


def _brought(deployment: Deployment, *, elsewhere: bool) -> dict[str, str]:
    """A line about each of these."""
    about = {}
    if runs_ours(deployment):
        about["apps/django_runfcgi/"] = "The command runfcgi, which Django removed in 1.9, and a CGI program."
    if borrowed(deployment) and not elsewhere:
        about["apps/"] = "Packages that the project's Python lacks. Better: install them there, and delete these."
    about |= dict.fromkeys(_databases(deployment), "A copy of the site's database, for trying this out.")
    return about | {
        "log/": "Logs of errors. Nothing rotates them yet.",
        "socket/": "Sockets between the servers.",
        "tmp/": "Uploads on their way, and lock files.",
    }


def _pairs(
    deployment: Deployment, place: Path, accounts: set[Account], *, elsewhere: bool
) -> Sequence[tuple[str, str]]:
    """Paths of this machine, and those of the host."""
    # What is lent lies in apps/ too, which is on the path already
    pairs = [(f":{lent}", "") for site in deployment.sites for lent in site.lent]
    if not (runs_ours(deployment) or (borrowed(deployment) and not elsewhere)):
        pairs.append((f":{APPS}", ""))
    pairs += [("{folder}", str(place)), (str(APPS), f"{place}/apps"), (str(BYTECODE), f"{place}/bytecode")]
    pairs += [(f"{BYTECODE}-{account.user}", f"{place}/bytecode-{account.user}") for account in accounts]
    if elsewhere:
        there = moves(deployment, place)
        if str(place) in dict(there):
            raise OptionError(
                f"--prefix {place}: your project lies there on this machine. On the host it will lie in a folder within: "
                "name another place."
            )
        pairs += [*there, (str(place), str(place))]
    return pairs
