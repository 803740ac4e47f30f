"""Ways to restart the Django of a running deployment, for a new version of its code; the front-end goes on all the while.

Each is a function of the deployment that returns once the new Django serves and the old one has ended. `WAYS` names them,
with the deployment that each needs.
"""

from __future__ import annotations

import os
import shlex
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

from labs import paths
from labs.errors import LabError
from labs.runtime.configuration import Configuration
from labs.runtime.deployment import Deployment
from labs.servers.folder import Folder
from labs.servers.gunicorn import Gunicorn
from labs.site import Site

LONGEST = 15.0  # seconds that an old process gets to finish its requests, or a new one to be there
PAUSE = 0.01
SCRIPT = """\
# End the server whose number is in the pidfile, then start another.
if [ -f site.pid ]; then
  kill "$(cat site.pid)"
  rm -f site.pid
fi
exec {python} {manage} \\
  runfcgi method=threaded socket=site.sock pidfile=site.pid
"""


def kill_and_start(site: Deployment, label: str = "runfcgi") -> None:
    """The chapter's script: ask the old server to end, start the new one at once, on a socket of its own.

    Nothing listens between the two. The old one is not waited for before the start: that would add to the gap.
    """
    old = site.running(label)
    number = old.number
    os.kill(number, signal.SIGTERM)
    site.start_server(label)
    until(lambda: not psutil.pid_exists(number), f"process {number}, the old {label}, to end")
    if old.pid == number:  # else it had ended before the start, which cleared what it left
        old.stop()


def wait_and_start(site: Deployment, label: str = "runfcgi") -> None:
    """The same script, more careful: wait until the old server has ended, then start the new one."""
    site.restart(label)


def start_beside(site: Deployment, label: str = "runfcgi") -> None:
    """A new server beside the old one, on the same listening socket, which both were handed; then the old one ends.

    The socket belongs to neither, so there is always somebody who listens. Needs a deployment with handed=True.
    """
    _shared(site)
    site.start_server(label)
    site.stop_server(label)


def hold_the_socket(site: Deployment, label: str = "runfcgi") -> None:
    """End the old server, then start the new one, on a socket that somebody else keeps open meanwhile, as systemd does.

    Requests wait in the socket's queue for as long as nobody takes them. Needs a deployment with handed=True.
    """
    _shared(site)
    site.restart(label)


def one_after_the_other(site: Deployment, label: str = "runfcgi") -> None:
    """Every back-end in turn; the front-end gives the requests to another meanwhile. Needs two of them."""
    labels = [server.label for server in site.servers if server.program.name == label]
    if len(labels) < 2:
        raise LabError(f"{site.name} has one {label}: while it restarts there is no other. Deploy it with backends=2.")
    for each in labels:
        site.restart(each)


def reload(site: Deployment, label: str = "gunicorn") -> None:
    """Signal the master to start new workers and to end the old ones (SIGHUP); the master, who listens, stays."""
    server = next((each for each in site.servers if label in (each.label, each.title)), None)
    if not isinstance(server, Gunicorn):
        raise LabError(f"{site.name} has no {label} that starts anew at a signal.")
    workers, master = server.workers, psutil.Process(site.pid_of(label))
    # The first answer may have come before the last worker was started: who is old is known once all are there.
    until(lambda: len(master.children()) == workers, f"{label} to have all its {workers} workers")
    old = {child.pid for child in master.children()}
    os.kill(master.pid, getattr(signal, server.reload))

    def renewed() -> bool:
        now = {child.pid for child in master.children()}
        return len(now) == workers and not now & old

    until(renewed, f"{label} to have new workers")


def _shared(site: Deployment) -> None:
    if not any(server.handed for server in site.servers):
        raise LabError(f"{site.name} opens its own socket, which ends with its server. Deploy it with handed=True.")


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until it is true. Raises LabError, with what was waited for, after LONGEST seconds."""
    end = time.monotonic() + LONGEST
    while not true():
        if time.monotonic() > end:
            raise LabError(f"Waited {LONGEST:g} s for {what}. Its log says why: .log() of the deployment.")
        time.sleep(PAUSE)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to restart: what is done, and to which deployment."""

    do: Callable[[Deployment], None]
    deployment: str
    options: Mapping[str, object] = field(default_factory=dict)


def script(folder: Folder, site: Site) -> Configuration:
    """Write the chapter's script, in our own form, into a folder as `restart.sh`: `sh restart.sh` starts or restarts."""
    text = SCRIPT.format(python=shlex.quote(str(site.python)), manage=shlex.quote(str(site.manage)))
    folder.write("restart.sh", text)
    return Configuration("restart.sh", paths.short(text))


WAYS = {
    "kill and start": Way(do=kill_and_start, deployment="fastcgi-nginx"),
    "wait and start": Way(do=wait_and_start, deployment="fastcgi-nginx"),
    "hold the socket": Way(do=hold_the_socket, deployment="fastcgi-nginx", options={"handed": True}),
    "start beside": Way(do=start_beside, deployment="fastcgi-nginx", options={"handed": True}),
    "one after the other": Way(do=one_after_the_other, deployment="fastcgi-nginx", options={"backends": 2}),
    "reload": Way(do=reload, deployment="gunicorn-nginx"),
}
