"""A server that reads its configuration anew while it serves, and a back-end that is taken out of its front-end's list."""

from __future__ import annotations

import os
import signal

import psutil

from labs.errors import LabError
from labs.faults.restarts import reload as renew
from labs.faults.restarts import until
from labs.runtime.deployment import Deployment
from labs.servers.gunicorn import Gunicorn
from labs.servers.nginx import Nginx

DOWN = " down"


def reload(site: Deployment, label: str) -> None:
    """Signal a server to read its configuration anew, and wait until it has new workers; the old ones end once their requests
    have. Of one that has no workers nothing is waited for.

    Raises LabError for a server that reads it only when it starts.
    """
    server = site.server(label)
    if not server.reload:
        raise LabError(f"{label} reads its configuration only when it starts: restart it.")
    if isinstance(server, Gunicorn):
        renew(site, server.label)
        return
    _anew(site, server.label, server.reload)


def _anew(site: Deployment, label: str, sends: str) -> set[int]:
    """Signal the master, wait for a new worker; process numbers of the old ones."""
    master = psutil.Process(site.pid_of(label))
    old = {child.pid for child in master.children()}
    os.kill(master.pid, getattr(signal, sends))
    if old:
        until(lambda: bool({child.pid for child in master.children()} - old), f"{label} to have a new worker")
    return old


def drain(site: Deployment, label: str) -> None:
    """Take a back-end out of the list of the nginx in front, and wait until the requests that it had are over.

    Raises LabError where nginx is not in front, or the back-end is the only one.
    """
    front, entry = _entry(site, label)
    _change(site, front, f"{entry};", f"{entry}{DOWN};")


def undrain(site: Deployment, label: str) -> None:
    """Put it into the list again."""
    front, entry = _entry(site, label)
    _change(site, front, f"{entry}{DOWN};", f"{entry};")


def _entry(site: Deployment, label: str) -> tuple[Nginx, str]:
    """The front-end, and how its file names the back-end."""
    front, address = site.front, site.address_of(label)
    if not isinstance(front, Nginx):
        raise LabError(f"{front.label} is in front of {label}: only nginx can be told to leave a back-end out.")
    wanted = f'"unix:{address}"' if isinstance(address, str) else f'"{address[0]}:{address[1]}"'
    lines = [line.strip() for line in _text(site, front).splitlines() if line.strip().startswith("server  ")]
    mine = [line for line in lines if wanted in line]
    if len(mine) != 1 or len(lines) < 2:
        raise LabError(f"{site.name} has no other back-end than {label}: deploy it with backends=2.")
    return front, mine[0].removesuffix(";").removesuffix(DOWN)


def _text(site: Deployment, front: Nginx) -> str:
    return (site.folder / f"{front.stem}.conf").read_text("utf-8")


def _change(site: Deployment, front: Nginx, old: str, new: str) -> None:
    site.edit(f"{front.stem}.conf", old, new)
    before = _anew(site, front.label, front.reload)
    until(lambda: not any(map(psutil.pid_exists, before)), f"{front.label}'s old workers to end")
