"""The start of a server, until it serves; and of a site, until its first good answer."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Callable, MutableMapping, Sequence

from labs import listeners, logs, probe
from labs.address import Endpoint
from labs.errors import StartError
from labs.folder import Folder
from labs.keeper import Keeper
from labs.servers.base import Server

ANSWER_WITHIN = 30.0  # seconds that the first page may take
AT_ONCE = 1.0  # seconds that are told as such
TRIES = 3  # a front-end that has just started may break a connection off


def start(
    keeper: Keeper,
    folder: Folder,
    server: Server,
    running: MutableMapping[int, Server],
    servers: Sequence[Server],
    *,
    cpus: set[int] | None = None,
) -> int:
    """Start a server and wait until it serves; its process number, which is put into `running` at once.

    servers  all of the deployment, whose logs may explain a failure
    cpus     processors that it may use; None for all

    Raises StartError when it does not serve in time.
    """
    variables = server.full_environment(folder)
    endpoint = folder.endpoint(server.listen)
    pid = keeper.spawn(
        in_home(server, server.command(folder)),
        environment={name: folder.resolve(value) for name, value in variables.items()},
        log=server.logs(folder)[0],
        signal=server.signal,
        patience=server.patience,
        cpus=cpus,
        # the listening socket, where the server does not open its own
        listen=endpoint.path if server.handed else None,
    )
    running[pid] = server
    begun = time.monotonic()
    pause, end = 0.002, begun + server.ready_within
    while not (_ours(keeper, endpoint, pid) and server.serves(folder, pid)):
        still_there(keeper, folder, pid, server, servers, begun=begun)
        if time.monotonic() > end:
            what = f"did not answer at {endpoint} within {server.ready_within:g} s"
            raise StartError(logs.explain(folder, server, servers, what))
        time.sleep(pause)
        pause = min(pause * 1.3, 0.02)
    return pid


def in_home(server: Server, command: Sequence[str]) -> list[str]:
    """The command, given in the folder that the server wants to be started in. The folder is entered by the process itself:
    whatever the keeper lays over it is there by then."""
    return ["sh", "-c", 'cd "$0" && exec "$@"', str(server.home), *command] if server.home else list(command)


def _ours(keeper: Keeper, endpoint: Endpoint, pid: int) -> bool:
    """Whether this server, or another process of the deployment, takes connections there. A port may have been taken in
    between."""
    if not probe.takes_connections(endpoint):
        return False
    if endpoint.path or listeners.held(endpoint.port, [pid]):
        return True
    # Only then its children: to look for them means to read the whole of /proc.
    return listeners.held(endpoint.port, keeper.family())


def still_there(
    keeper: Keeper, folder: Folder, pid: int, server: Server, servers: Sequence[Server], *, begun: float | None = None
) -> None:
    """Raise StartError if a server has ended.

    begun  when it was started, by time.monotonic(); None for one that has served already
    """
    status = keeper.ended().get(pid)
    if status is None:
        return
    how = f"exit status {status}" if status >= 0 else f"ended by {signal.Signals(-status).name}"
    if begun is None:
        when = "ended after it had begun to serve"
    else:
        took = time.monotonic() - begun
        when = "ended at once" if took < AT_ONCE else f"ended after {took:.1f} s, before it served"
    raise StartError(logs.explain(folder, server, servers, f"{when} ({how})"))


def first_answer(url: str, host: str, check: Callable[[], None]) -> str:
    """Ask for a page until it comes; what is wrong, or an empty text.

    host   the name that is asked for; empty: the address itself
    check  called after a broken connection; raises when there is no use in another try
    """
    problem = "no answer"
    path = "/" + url.split("/", 3)[3]
    for _ in range(TRIES):
        try:
            answer = probe.get(url, headers={"Host": host} if host else None, timeout=ANSWER_WITHIN)
        except TimeoutError:
            return f"no answer to {path} within {ANSWER_WITHIN:g} s"
        except (OSError, http.client.HTTPException) as error:
            check()
            problem = str(error)
            time.sleep(0.05)
            continue
        if answer.status < 400:
            return ""
        problem = f"{answer.status} for {path}"
        if answer.status == 400 and host:
            problem += f", asked as {host}. Is that name in its ALLOWED_HOSTS?"
    return problem
