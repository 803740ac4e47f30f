"""The start of a server, until it serves; and of a site, until its first good answer."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from labs.clients import probe
from labs.errors import StartError
from labs.runtime import firstpage, logs
from labs.runtime.firstpage import FirstPage
from labs.servers.address import Endpoint
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.supervisor import listeners
from labs.supervisor.keeper import Keeper

AT_ONCE = 1.0  # seconds that are told as such
TRIES = 3  # a front-end that has just started may break a connection off
BROKEN = (
    "A server closed the connection without an answer. Where its log says nothing, the process that served has ended."
)
WAIT = (
    "A start may take longer, most of all the first one, which compiles the project: --start-timeout 120 waits for it, "
    "in a notebook start_timeout=120."
)


class Patience:
    """How long something may still take.

    seconds  in all
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; none where it is over."""
        return max(0.0, self._end - time.monotonic())


def spawn(keeper: Keeper, folder: Folder, server: Server, *, cpus: set[int] | None = None) -> int:
    """Let the keeper start a server's command; its process number.

    cpus  processors that it may use; None for all
    """
    variables = server.full_environment(folder)
    return keeper.spawn(
        in_home(server, server.command(folder)),
        environment={name: folder.resolve(value) for name, value in variables.items()},
        log=server.logs(folder)[0],
        signal=server.signal,
        discard=server.discard,
        patience=server.patience,
        cpus=cpus,
        machine=server.machine.name if server.machine else "",
        # the listening socket, where the server does not open its own
        listen=folder.endpoint(server.listen).path if server.handed else None,
    )


def until_ready(
    keeper: Keeper, folder: Folder, server: Server, pid: int, servers: Sequence[Server], patience: Patience
) -> None:
    """Wait until a process that was just started, or a child of it, holds the listening socket and takes connections there,
    and the server says by its own account that it serves.

    servers   all of the deployment, whose logs may explain a failure
    patience  how long that may take

    Raises StartError when it does not serve in time, or ends.
    """
    endpoint = folder.endpoint(server.listen)
    begun = time.monotonic()
    pause = 0.002
    while not (_holds(keeper, endpoint, server, pid) and server.serves(folder, pid)):
        still_there(keeper, folder, pid, server, servers, begun=begun)
        if not patience.left:
            what = f"did not answer at {endpoint} within {patience.seconds:g} s"
            raise StartError(logs.explain(folder, server, servers, what, hint=WAIT))
        time.sleep(pause)
        pause = min(pause * 1.3, 0.02)


def in_home(server: Server, command: Sequence[str]) -> list[str]:
    """The command, given in the folder that the server wants to be started in. The folder is entered by the process itself:
    whatever the keeper lays over it is there by then."""
    return ["sh", "-c", 'cd "$0" && exec "$@"', str(server.home), *command] if server.home else list(command)


def _holds(keeper: Keeper, endpoint: Endpoint, server: Server, pid: int) -> bool:
    """Whether this process, or one that came from it, takes connections there. Another may have taken the address: one of
    somebody else's, or a worker that outlived the master which it had before.

    A socket that was handed over is the keeper's, and takes connections before the server runs: such a server tells by
    itself when it serves (`Server.serves`).
    """
    if server.handed:
        return probe.takes_connections(endpoint)

    def family() -> Iterator[int]:
        yield pid
        yield from keeper.members(pid)  # only then: to look for them means to read the whole of /proc

    return listeners.serves(endpoint, family)


def how_it_ended(status: int) -> str:
    """An exit status in words; negative for a signal."""
    return f"exit status {status}" if status >= 0 else f"ended by {signal.Signals(-status).name}"


def still_there(
    keeper: Keeper, folder: Folder, pid: int, server: Server, servers: Sequence[Server], *, begun: float | None = None
) -> None:
    """Raise StartError if a server has ended.

    begun  when it was started, by time.monotonic(); None for one that has served already
    """
    status = keeper.ended().get(pid)
    if status is None:
        return
    how = how_it_ended(status)
    if begun is None:
        when = "ended after it had begun to serve"
    else:
        took = time.monotonic() - begun
        when = "ended at once" if took < AT_ONCE else f"ended after {took:.1f} s, before it served"
    raise StartError(logs.explain(folder, server, servers, f"{when} ({how})"))


def first_page(base: str, path: str, host: str, check: Callable[[], None], patience: Patience) -> FirstPage:
    """Ask for a page until it comes, and where it leads.

    base   the address of the site, without a slash at its end
    host   the name that is asked for; empty: the address itself
    check  called after a broken connection; raises when there is no use in another try
    """
    headers = {"Host": host} if host else None

    def ask(path: str) -> tuple[int, str]:
        for number in range(TRIES):
            try:
                answer = probe.get(base + path, headers=headers, timeout=max(patience.left, 0.1))
                return answer.status, answer.header("Location") or ""
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException):
                check()
                if number == TRIES - 1:
                    raise
                time.sleep(0.05)
        raise AssertionError("the last try returns or raises")

    try:
        return firstpage.look(ask, path, base=base, host=host)
    except TimeoutError:
        return FirstPage(path=path, problem=f"no answer to {path} within {patience.seconds:g} s", advice=WAIT)
    except (OSError, http.client.HTTPException) as error:
        return FirstPage(path=path, problem=str(error) or "no answer", advice=BROKEN)
