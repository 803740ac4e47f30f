"""Locust's master: it generates nothing itself, deals out each trial to its workers, and adds up what they saw.

All agree on the moment at which a trial begins. Before each trial the master asks every worker for its clock, a few times,
and believes the answer that came back quickest: sent at s and back at r on the master's clock, it was read at (s + r) / 2, and
misses that by at most (r - s) / 2, the `clock_error` in the result. So by that much at most the windows of two workers lie
apart, and what their clocks drift within one trial.

Only the generator imports this, after gevent has patched the standard library.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gevent  # type: ignore[import-untyped]  # gevent publishes no types
from gevent.queue import Empty, Queue  # type: ignore[import-untyped]
from locust.env import Environment
from locust.exception import RPCError
from locust.runners import STATE_MISSING

from benchmarks.host.source import code
from benchmarks.load.adding import added
from benchmarks.load.scheduled import SETTLE
from benchmarks.load.swarm import RefusedError
from benchmarks.load.worker import machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.rpc import Message

    from benchmarks.load.window import Say

LOOK = 0.05  # seconds between two looks at who is still there
PINGS = 8  # readings of each clock
ANSWER = 10.0  # seconds that a worker may take to answer, beyond what it was asked to do
LEAD = 0.2  # seconds from the word to begin until the beginning, besides two ways through the network


class LostError(RefusedError):
    """A worker is gone, or does not answer; the message says which, and what was waited for."""


@dataclass(kw_only=True)
class Member:
    """One worker.

    hello         what it said of itself: pid, name of its machine, machine, code, owned
    offset        seconds that its clock is ahead of the master's, and `clock_error` by how much that may be wrong
    """

    node: str
    hello: dict[str, Any]
    offset: float = 0.0
    clock_error: float = field(default=float("inf"))

    def __str__(self) -> str:
        where = "" if self.hello["owned"] else f" on {self.hello['name']}"
        return f"worker {self.hello['pid']}{where}"


class Master:
    """Waits for `count` workers.

    listen    "HOST:PORT", for workers that the reader starts; None starts them here, as processes of this one
    patience  seconds until all must be there

    Raises RefusedError where it cannot listen.
    """

    def __init__(self, count: int, listen: str | None, patience: float) -> None:
        self.count, self.listen, self.patience = count, listen, patience
        self.members: list[Member] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.inbox = Queue()
        self.busy = False  # between the word to begin and the last result
        host, _, port = (listen or "127.0.0.1:0").rpartition(":")
        try:
            self.runner = Environment().create_master_runner(host.strip("[]"), int(port))
        except (RPCError, SystemExit) as error:  # Locust ends the process where a port is taken
            raise RefusedError(f"cannot listen at {listen}: the address is not this machine's, or taken") from error
        for event in ("hello", "clock", "prepared", "window-begin", "window-end", "result", "error"):
            self.runner.register_message(event, self._receive)

    def gather(self) -> list[int]:
        """Wait for the workers; process numbers of those that were started here."""
        if self.listen is None:
            command = [sys.executable, "-m", "benchmarks.load.generator", "--owned", "--worker"]
            for _ in range(self.count):
                worker = subprocess.Popen(
                    [*command, f"127.0.0.1:{self.runner.server.port}"], stdin=subprocess.PIPE, stdout=sys.stderr
                )
                self.processes.append(worker)
        deadline = time.monotonic() + self.patience
        while len(self.members) < self.count:
            node, event, data, _at = self._next(deadline, f"{self.count} workers, and has {len(self.members)}")
            if event == "hello":
                self._welcome(Member(node=node, hello=data))
        return [worker.pid for worker in self.processes]

    def _welcome(self, member: Member) -> None:
        if member.hello["machine"] != machine() and member.hello["code"] != code():
            raise RefusedError(f"{member} runs other code than its master: bring both checkouts to the same commit")
        self.members.append(member)

    def trial(self, command: dict[str, Any], *, say: Say, hold: Callable[[], None]) -> dict[str, Any]:
        """Warm-up, window, and what all workers saw together.

        Raises RefusedError where a worker refuses before it has begun; all are well then. After any other error, `busy` is
        left true, and this master is over.
        """
        self.busy = True
        if command["cpus"] and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, command["cpus"])
        self._compare_clocks()
        for number, member in enumerate(self.members):
            part = {"index": number, "of": len(self.members)}
            self._send(
                "prepare", member, {**command, "part": part, "machine": machine(), "cpus": self._cpus(command, number)}
            )
        ready = self._collect("prepared", "error", within=ANSWER)
        if refused := [answer["error"] for answer in ready if "error" in answer]:
            for member in self.members:
                self._send("off", member)
            self.busy = False
            raise RefusedError(refused[0])
        zero = time.monotonic() + LEAD + 4 * max(member.clock_error for member in self.members)
        for member in self.members:
            self._send("go", member, {"zero": zero + member.offset})
        begin = zero + command["warmup"]
        self._collect("window-begin", within=begin - time.monotonic() + ANSWER)
        say("window-begin", at=begin)
        ends = self._collect("window-end", within=begin + command["window"] - time.monotonic() + ANSWER)
        say("window-end", at=max(end["at"] - member.offset for member, end in zip(self.members, ends, strict=True)))
        hold()
        for member in self.members:
            self._send("enough", member)
        seen = self._collect("result", within=SETTLE + ANSWER)
        self.busy = False
        return added([
            {
                **each,
                "begin": each["begin"] - member.offset,
                "end": each["end"] - member.offset,
                "worker": {
                    "where": "this machine" if member.hello["machine"] == machine() else member.hello["name"],
                    "pid": member.hello["pid"],
                    "cpus": self._cpus(command, number),
                    "clock_error": member.clock_error,
                },
            }
            for number, (member, each) in enumerate(zip(self.members, seen, strict=True))
        ])  # fmt: skip

    def dismiss(self) -> None:
        """Workers elsewhere need not find out by themselves that their master is gone."""
        if self.members and self.listen:
            self.runner.send_message("quit")
            gevent.sleep(LOOK)  # for the messages to leave

    def end(self) -> None:
        """After an error: whatever those started here are doing, it is over."""
        for process in self.processes:
            process.kill()
        self.dismiss()

    def _cpus(self, command: dict[str, Any], number: int) -> list[int] | None:
        """Those started here are dealt out over the generator's; others are left as they were started."""
        cpus = command["cpus"]
        return [cpus[number % len(cpus)]] if cpus and self.listen is None else None

    def _compare_clocks(self) -> None:
        for member in self.members:
            member.clock_error = float("inf")
            for number in range(PINGS):
                sent = time.monotonic()
                self._send("clock", member, {"number": number})
                while True:
                    node, event, data, back = self._next(sent + ANSWER, f"the clock of {member}")
                    if (node, event) == (member.node, "clock") and data["number"] == number:
                        break
                if (back - sent) / 2 < member.clock_error:
                    member.clock_error = (back - sent) / 2
                    member.offset = data["at"] - (sent + back) / 2

    def _collect(self, *events: str, within: float) -> list[dict[str, Any]]:
        """One answer of each worker, in their order."""
        deadline = time.monotonic() + within
        answers: dict[str, dict[str, Any]] = {}
        while len(answers) < len(self.members):
            missing = [str(member) for member in self.members if member.node not in answers]
            node, event, data, _at = self._next(deadline, f"{events[0]} of {', '.join(missing)}")
            if event in events:
                answers[node] = data
            elif event == "error":
                who = next(str(member) for member in self.members if member.node == node)
                raise LostError(f"{who}: {data['error']}")
        return [answers[member.node] for member in self.members]

    def _next(self, deadline: float, what: str) -> tuple[str, str, dict[str, Any], float]:
        """The next message: from whom, what, its data, and when it came. Raises LostError when somebody is gone, or at the end."""
        while True:
            self._check()
            try:
                message: tuple[str, str, dict[str, Any], float] = self.inbox.get(timeout=LOOK)
            except Empty:
                if time.monotonic() > deadline:
                    raise LostError(f"the master waited too long for {what}") from None
                continue
            if message[0] in {member.node for member in self.members} or message[1] == "hello":
                return message

    def _check(self) -> None:
        for process in self.processes:
            if (status := process.poll()) is not None:
                raise LostError(f"worker {process.pid} ended in the middle of its work (exit status {status})")
        for member in self.members:
            seen = self.runner.clients.get(member.node)
            if seen is None or seen.state == STATE_MISSING:
                raise LostError(f"{member} is gone: it ended, hangs, or the network between is cut")

    def _send(self, event: str, member: Member, data: dict[str, Any] | None = None) -> None:
        self.runner.send_message(event, data or {}, client_id=member.node)

    def _receive(self, msg: Message, **_rest: Any) -> None:
        self.inbox.put((msg.node_id, msg.type, msg.data or {}, time.monotonic()))
