"""A running server as an object with a life of its own: it starts, stops, is killed or frozen, and tells what it costs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

import psutil

from labs.errors import LabError
from labs.runtime import launch, logs, processes
from labs.runtime.launch import Patience
from labs.servers.address import Endpoint
from labs.servers.base import START_TIMEOUT, Server
from labs.servers.folder import Folder
from labs.supervisor.keeper import Keeper

State = Literal["not started", "running", "frozen", "ended", "stopped"]


class Running:
    """One server of a deployment, in the keeper's care. `Deployment.running(label)` gives it.

    server   its options: what was asked for
    label    its name in the deployment, and the beginning of the names of its files
    pid      the number of the process that was started last; None before the first start and after stop()
    since    when that was, by time.monotonic()

    What may be relied on:
    - start() returns when the process that it started, or a child of it, holds the listening socket, takes connections, and
      `server.serves` agrees; it raises StartError otherwise, and then nothing of that start is left running
    - what has to be there before the process goes into `server.files`, or before `launch.spawn` in `start`; what has to
      happen once it serves, after `launch.until_ready`
    - stop(), kill() and the counting of processes mean the server and all that came from it, daemons that detached
      themselves included, for as long as anybody has seen where they came from
    - cpu_seconds() only ever grows: it counts what has ended, and earlier starts of the same object
    - every process is started by the keeper (`Keeper.spawn`), which ends it when the owner ends, kill -9 included
    """

    def __init__(
        self,
        server: Server,
        folder: Folder,
        keeper: Keeper,
        servers: Sequence[Server],
        *,
        cpus: set[int] | None = None,
        start_timeout: float = START_TIMEOUT,
    ) -> None:
        self.server, self.label = server, server.label
        self.pid: int | None = None
        self.since = 0.0
        self._folder, self._keeper, self._servers, self._cpus = folder, keeper, tuple(servers), cpus
        self._start_timeout = start_timeout
        self._started: list[int] = []  # every process number it ever had, the last one last
        self._frozen = False

    def __repr__(self) -> str:
        number = f", process {self.pid}" if self.pid else ""
        how = f" ({launch.how_it_ended(status)})" if (status := self.status) is not None else ""
        return f"{self.label} ({self.server.title}): {self.state}{how}{number}, {self.endpoint}"

    # -- its life

    def start(self, patience: Patience | None = None) -> int:
        """Start it and wait until it serves; its process number. What an earlier process left running is ended first.

        Raises StartError when it does not serve in time; LabError when it runs already.
        """
        if self.alive:
            raise LabError(f"{self.label} runs already, as process {self.pid}. stop() or restart() it.")
        self.stop()
        patience = patience or Patience(self._start_timeout)
        self.since = time.monotonic()
        self.pid = launch.spawn(self._keeper, self._folder, self.server, cpus=self._cpus)
        self._started.append(self.pid)
        try:
            launch.until_ready(self._keeper, self._folder, self.server, self.pid, self._servers, patience)
        except BaseException:
            self.stop()
            raise
        return self.pid

    def stop(self) -> None:
        """End it and all that came from it, as it ends by itself: requests under way get its own patience."""
        if self.pid is not None:
            self._keeper.stop(self.pid)
            self.pid, self._frozen = None, False

    def restart(self) -> int:
        """End it, then start it again; its new process number."""
        self.stop()
        return self.start()

    def kill(self) -> None:
        """End it and all that came from it at once (SIGKILL), as when its machine loses power. It counts as dead, not as
        stopped, until it is started again."""
        self._keeper.kill(self.number)

    def freeze(self) -> None:
        """Stop all its processes where they are (SIGSTOP): its socket stays open, and nobody answers."""
        self._keeper.freeze(self.number)
        self._frozen = True

    def thaw(self) -> None:
        """Let them go on."""
        self._keeper.thaw(self.number)
        self._frozen = False

    def unplug(self) -> None:
        """Pull out the cable of the machine that it runs on: whoever asks gets no answer, not even a refusal. What else runs
        there is as silent. Raises LabError where the machine has no cable."""
        self._keeper.plug(self._machine, up=False)

    def plug(self) -> None:
        """Plug the cable in again."""
        self._keeper.plug(self._machine, up=True)

    @property
    def _machine(self) -> str:
        if self.server.machine is None:
            raise LabError(
                f"{self.label} runs on this machine, which has no cable: deploy(machines=...) puts it on another."
            )
        return self.server.machine.name

    @property
    def number(self) -> int:
        """`pid` of one that was started. Raises LabError for one that was not, or was stopped."""
        if self.pid is None:
            raise LabError(f"{self.label} does not run: it was {'stopped' if self._started else 'never started'}.")
        return self.pid

    def still_there(self) -> None:
        """Raise StartError, with the end of its log, if it has ended by itself."""
        if self.pid is not None:
            launch.still_there(self._keeper, self._folder, self.pid, self.server, self._servers)

    # -- what it is

    @property
    def state(self) -> State:
        if self.pid is None:
            return "stopped" if self._started else "not started"
        if self.status is not None:
            return "ended"
        return "frozen" if self._frozen else "running"

    @property
    def status(self) -> int | None:
        """The exit status of a process that ended by itself or was killed, negative for a signal; None for any other."""
        return None if self.pid is None else self._keeper.ended().get(self.pid)

    @property
    def alive(self) -> bool:
        """Whether the process that was started is there, be it frozen."""
        return self.pid is not None and self.status is None

    @property
    def endpoint(self) -> Endpoint:
        """Where it listens."""
        return self._folder.endpoint(self.server.listen)

    @property
    def address(self) -> str | tuple[str, int]:
        """The same in the form that `socket.connect` takes: the path of its socket, or host and port."""
        return self.endpoint.key

    # -- what it costs

    def processes(self) -> list[psutil.Process]:
        """It and all that came from it and lives; the process that was started is the first."""
        if self.pid is None:
            return []
        pids = self._keeper.members(self.pid)
        return processes.living(sorted(pids, key=lambda pid: (pid != self.pid, pid)))

    def cpu_seconds(self) -> float:
        """User and system seconds since its first start, dead processes included."""
        spent = self._keeper.cpu_of()
        return sum(spent.get(pid, 0.0) for pid in self._started)

    def pss(self) -> int:
        """Proportional set size of all its processes, in bytes."""
        return sum(map(processes.pss, self.processes()))

    @property
    def started(self) -> tuple[int, ...]:
        """Every process number that it was ever started with, the last one last."""
        return tuple(self._started)

    def log(self) -> str:
        """The text of its own log files, its standard error first."""
        return logs.joined(self.server.logs(self._folder))
