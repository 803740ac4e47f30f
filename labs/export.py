"""A deployment to take home: its configuration, systemd units, and a README that explains each file."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs import systemd
from labs.deployment import Deployment
from labs.errors import OptionError
from labs.folder import Folder
from labs.paths import APPS, BYTECODE, SERVERS
from labs.servers.base import Server
from labs.servers.flup import Flup

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

    Raises OptionError when `target` is there and not empty, or the ports do not exist.
    """
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
    ports = {name: port + number for number, name in enumerate(PORTS)}
    folder = Folder(place, place, ports=ports)
    for server in deployment.servers:
        folder.endpoint(server.listen)
    mover = Mover(deployment, place, elsewhere=prefix is not None)
    files = {name: text for server in deployment.servers for name, text in server.files(folder).items()}
    written = {name: mover(text) for name, text in files.items()}
    project = deployment.site.settings.partition(".")[0].replace("_", "-")
    for name, text in systemd.units(project, deployment.servers, folder, user=user).items():
        written[f"systemd/{name}"] = mover(text)

    Folder(target, target).make()
    for name, text in written.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if path.suffix == ".cgi":
            path.chmod(0o755)
    about = {name: _about(name, text) for name, text in written.items() if not name.endswith(".keep")}
    if any(str(APPS) in text for text in files.values()) or any(isinstance(each, Flup) for each in deployment.servers):
        shutil.copytree(RUNFCGI, target / "apps" / RUNFCGI.name, ignore=shutil.ignore_patterns("__pycache__"))
        about["apps/django_runfcgi/"] = (
            "The command runfcgi, which Django removed in 1.9. It needs flup: pip install flup==1.0.3"
        )
    if deployment.site.database is not None and "database" in deployment.site.variables:
        shutil.copyfile(deployment.site.database, target / "site.sqlite3")
        about["site.sqlite3"] = "A copy of the site's database, for trying this out."
    about |= {
        "log/": "Logs.",
        "socket/": "Sockets between the servers.",
        "tmp/": "Uploads on their way, and lock files.",
    }
    readme = _readme(deployment, folder, mover, about, project, user)
    (target / "README.md").write_text(readme, "utf-8")
    return Exported(folder=target, files={"README.md": "What is here, and how to run it.", **about})


class Mover:
    """Rewrites paths of this machine into those of the host."""

    def __init__(self, deployment: Deployment, place: Path, *, elsewhere: bool) -> None:
        site = deployment.site
        self.pairs = [(str(APPS), f"{place}/apps"), (str(BYTECODE), f"{place}/bytecode")]
        if elsewhere:
            venv = site.python.parent.parent
            self.pairs += [
                (f"{SERVERS}/", "/"),
                (str(site.folder), f"{place}/project"),
                *([] if venv in (Path("/usr"), Path("/")) else [(f"{venv}/bin/", f"{place}/venv/bin/")]),
            ]

    def __call__(self, text: str) -> str:
        for here, there in self.pairs:
            text = text.replace(here, there)
        return text


def _about(name: str, text: str) -> str:
    """What a file says of itself at its beginning, or what kind of file it is."""
    if name.startswith("systemd/"):
        description = re.search(r"^Description=(.+)$", text, re.MULTILINE)
        return f"{description[1] if description else name}."
    comment = re.match(r"(?:#!.*\n)?((?:#.*\n)+)", text)
    return " ".join(line.lstrip("# ") for line in comment[1].splitlines()) if comment else "Read at the start."


def _readme(
    deployment: Deployment, folder: Folder, mover: Mover, about: dict[str, str], project: str, user: str
) -> str:
    servers = deployment.servers
    rows = "\n".join(f"| `{name}` | {text} |" for name, text in about.items())
    commands = "\n".join(mover(_by_hand(server, folder)) for server in servers)
    checks = [mover(shlex.join(command)) for server in servers if (command := server.check_command(folder))]
    manager, place = (
        ("sudo systemctl", "/etc/systemd/system") if user else ("systemctl --user", "~/.config/systemd/user")
    )
    names = " ".join(
        mover(f"{folder.path}/systemd/{name.removeprefix('systemd/')}") for name in about if name.startswith("systemd/")
    )
    versions = ", ".join(f"{title} {version}" for title, version in _versions(deployment).items())
    return f"""# {project} behind {" and ".join(dict.fromkeys(server.title for server in reversed(servers)))}

The deployment `{deployment.name}`, written for this folder at `{folder.path}`. The site answers on http://{folder.endpoint(deployment.front.listen)}/, on this machine alone: who lets the world in, and with which certificate, is not decided here.

Tried with {versions}, Python {sys.version_info.major}.{sys.version_info.minor}.

## What is here

| file | what it is |
|---|---|
{rows}

## Check it

```console
{_shown(checks)}
```

## Run it by hand

In this order, each in a terminal of its own; Ctrl+C ends one.

```console
{_shown(commands.splitlines())}
```

## Run it by systemd

```console
$ mkdir -p {place} && {"sudo " if user else ""}cp {names} {place}/
$ {manager} daemon-reload
$ {manager} enable --now {project}.target
$ {manager} status '{project}-*'
```

{manager} reload SERVICE makes a server read its configuration anew without refusing anybody, where the unit has an ExecReload.
"""


def _by_hand(server: Server, folder: Folder) -> str:
    variables = " ".join(
        f"{name}={shlex.quote(folder.resolve(value))}" for name, value in server.environment(folder).items()
    )
    command = shlex.join(server.command(folder))
    line = f"cd {shlex.quote(str(folder.path))} && {variables}{' ' if variables else ''}{command}"
    if server.handed:
        socket = shlex.quote(str(folder.endpoint(server.listen)))
        return f"# its socket is handed to it: spawn-fcgi -n -s {socket} -- sh -c {shlex.quote(line)}"
    return line


def _shown(commands: Sequence[str]) -> str:
    return "\n".join(command if command.startswith("#") else f"$ {command}" for command in commands)


def _versions(deployment: Deployment) -> dict[str, str]:
    servers = deployment.describe()["servers"]
    assert isinstance(servers, dict)
    return {str(title): str(version) for title, version in servers.items()}
