"""A worker: a generating process that does its part of each trial, ordered by a master through Locust's own messages.

Only the generator imports this, after gevent has patched the standard library.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import gevent  # type: ignore[import-untyped]  # gevent publishes no types
from gevent.queue import Empty, Queue  # type: ignore[import-untyped]
from gevent.socket import wait_read  # type: ignore[import-untyped]
from locust.env import Environment

from benchmarks.host.source import code
from benchmarks.load.client import is_loopback
from benchmarks.load.swarm import REFUSALS, RefusedError, described
from benchmarks.load.window import Window
from labs.clients import reach

if TYPE_CHECKING:
    from locust.rpc import Message
    from locust.runners import WorkerRunner

GONE = 10.0  # seconds without a heartbeat after which there is no master any more; it sends one a second
ORDER = 30.0  # seconds that a worker waits for its master's next word within a trial
ORDERS = ("prepare", "go", "off", "enough")  # none of them a word of Locust's own, such as "stop"
LOOK = 0.2  # seconds between two looks at the heartbeat


def machine() -> str:
    """The same in every process of a machine, and on no other one until it starts anew."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text().strip() if boot.exists() else platform.node()


class Worker:
    """One worker of the master at `master`, "HOST:PORT".

    target  the one host besides this machine that may be sent load
    owned   by the master itself, which started it: it ends with its standard input
    """

    def __init__(self, master: str, *, target: str | None = None, owned: bool = False) -> None:
        self.master, self.target, self.owned = master, target, owned
        self.orders = Queue()
        self.heard = time.monotonic()
        self.runner: WorkerRunner

    def serve(self) -> None:
        """Until the master says so, or is gone."""
        host, _, port = self.master.rpartition(":")
        if not host or not port.isdigit():
            sys.exit(f"--worker {self.master}: give the master's address as HOST:PORT")
        if self.owned:
            gevent.spawn(self._end_with_input)
        self._tell(f"looks for its master at {self.master}")
        try:
            self.runner = Environment().create_worker_runner(host.strip("[]"), int(port))
        except ConnectionError:
            sys.exit(f"no master answered at {self.master}: start it first, and see that no firewall is between")
        self.heard = time.monotonic()
        self.runner.environment.events.heartbeat_received._handlers.append(self._hear)
        self.runner.register_message("clock", self._clock)
        for order in ORDERS:
            self.runner.register_message(order, self._order)
        gevent.spawn(self._end_with_master)
        self._send("hello", pid=os.getpid(), name=platform.node(), machine=machine(), code=code(), owned=self.owned)
        self._tell("has found it, and waits for work")
        for order in self.orders:
            if order["do"] == "prepare":
                self._carry_out(order)

    def _carry_out(self, command: dict[str, Any]) -> None:
        """One trial; whatever goes wrong is for the master to judge."""
        try:
            with gevent.Timeout(command["limit"], RefusedError(f"it took longer than {command['limit']:g} s")):
                if command["machine"] == machine():
                    reach.admit(command.get("doors", {}))
                self._allow(command)
                window = Window(command, self.runner)
                self._send("prepared")
                go = self._next("go", "off")
                if go["do"] == "off":
                    return
                if time.monotonic() > go["zero"]:
                    raise RefusedError("the word to begin came too late: the network or this machine is too busy")
                self._tell(
                    f"sends load to {' and '.join(command['hosts'])} for {command['warmup'] + command['window']:g} s"
                )
                self._send("result", **window.run(go["zero"], say=self._send, hold=self._hold))
        except REFUSALS as error:
            self._send("error", error=described(error))
        finally:
            reach.forget(command.get("doors", {}))

    def _allow(self, command: dict[str, Any]) -> None:
        """Raises RefusedError for a host that this worker may not send load to, or would look for on the wrong machine."""
        for host in command["hosts"]:
            if is_loopback(host) or reach.network_of(urlsplit(host).hostname or ""):
                if command["machine"] != machine():
                    raise RefusedError(
                        f"{host} is the master's own machine, and {platform.node()} is another one: give an address that "
                        "leads there from everywhere"
                    )
            elif not self.owned and urlsplit(host).hostname != self.target:
                raise RefusedError(
                    f"the worker on {platform.node()} may not send load to {host}: start it with --target "
                    f"{urlsplit(host).hostname} if that server is yours, or you may test it"
                )

    def _next(self, *wanted: str) -> dict[str, Any]:
        """The master's next order, which must be one of these."""
        try:
            order: dict[str, Any] = self.orders.get(timeout=ORDER)
        except Empty:
            raise RefusedError(f"the master said nothing for {ORDER:g} s") from None
        if order["do"] not in wanted:
            raise RefusedError(f"the master said {order['do']} where {' or '.join(wanted)} was due")
        return order

    def _hold(self) -> None:
        self._next("enough")

    def _order(self, msg: Message, **_rest: Any) -> None:
        self.orders.put({**(msg.data or {}), "do": msg.type})

    def _clock(self, msg: Message, **_rest: Any) -> None:
        self._send("clock", at=time.monotonic(), number=msg.data["number"])

    def _hear(self, **_rest: Any) -> None:
        self.heard = time.monotonic()

    def _send(self, event: str, **values: Any) -> None:
        self.runner.send_message(event, values)

    def _end_with_master(self) -> None:
        """Locust would wait for a minute, and then keep the process. Its greenlets end when the master says quit."""
        while len(self.runner.greenlet) and time.monotonic() - self.heard < GONE:
            gevent.sleep(LOOK)
        self._tell("ends, since its master is gone")
        os._exit(0)

    def _end_with_input(self) -> None:
        wait_read(0)  # the master never writes: this is the end of it
        os._exit(0)

    def _tell(self, what: str) -> None:
        """A line for the reader who started it; one that the master started has none."""
        if not self.owned:
            print(f"{time.strftime('%H:%M:%S')} this worker {what}", flush=True)
