"""What this system gives to machines, found by trying: `python -I -S probe.py OWNER LIBRARY WHAT…` prints it as JSON.

An exit status says little: a system may let a namespace be made and take away the rights in it, or take a quota and not hold
it. So each thing is used once, and what came of it is looked at.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from machines import groups, namespaces, network, wire
from machines.cluster import reach
from machines.network import Node

QUOTA, BURNED = 0.05, 0.3  # processors; seconds that somebody tries to use one wholly
LONGEST = 5.0  # seconds of the same on a busy machine, until it was held up once
LIMIT, ASKED = 48 * 1024**2, 96 * 1024**2  # bytes that a group may have, and that somebody in it tries to use
LATE = 0.004  # seconds each way
SLOW, SENT = 8e6, 250_000  # bits per second; bytes, of which a part passes at once
A = "198.18.0.2"
SEEN = Node("", "198.18.0.1")


def probed(library: str, asked: list[str]) -> dict[str, str]:
    """What is asked for -> why it cannot be had here; empty where it can."""
    kinds: dict[str, Callable[[], object]] = {
        "network": lambda: _network(library, [SEEN, Node("a", A)]),
        "bandwidth": lambda: _bandwidth(library),
        "netem": lambda: _delay(library, "netem"),
        "wire": lambda: _delay(library, "wire"),
        "cpu": _cpu,
        "memory": _memory,
    }
    return {name: _why(kinds[name]) for name in asked}


def _why(ask: Callable[[], object]) -> str:
    try:
        ask()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _network(library: str, nodes: list[Node]) -> network.Made:
    made, _ = network.make(nodes, library)
    network.within(made.spaces[0], lambda: reach([node.address for node in nodes if not node.by]))
    return made


def _bandwidth(library: str) -> None:
    """Send a piece over a slow cable, and see that it is slow."""
    made = _network(library, [SEEN, Node("a", A, bandwidth=SLOW)])
    ready, tell = os.pipe()

    def send() -> None:
        made.spaces[1].enter()
        namespaces.die_with_parent(os.getppid())
        with socket.create_server((A, 1024)) as server:
            os.write(tell, b".")
            client, _ = server.accept()
            client.sendall(bytes(SENT))
            client.close()

    def fetch() -> None:
        with socket.create_connection((A, 1024), timeout=10) as client:
            begun, size = time.monotonic(), 0
            while data := client.recv(65536):
                size += len(data)
            took = time.monotonic() - begun
        if size != SENT or took < 0.5 * 8 * SENT / SLOW:
            raise OSError(5, f"tbf was taken, and {size} bytes of {SENT} came in {took:.3f} s")

    child = namespaces.helper(send)
    os.close(tell)
    os.read(ready, 1)
    os.close(ready)
    try:
        network.within(made.spaces[0], fetch)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _delay(library: str, by: str) -> None:
    """Ask for a port that nobody listens on, and see that the refusal takes its time."""
    made = _network(library, [SEEN, Node("a", A, delay=LATE, by=by)])

    def carry() -> None:
        made.hub.enter()
        namespaces.die_with_parent(os.getppid())
        wire.serve("far2", "near2", LATE)

    def ask() -> None:
        reach([A])
        begun = time.monotonic()
        reach([A])
        if (took := time.monotonic() - begun) < 2 * LATE:
            raise OSError(5, f"{by} was taken, and there and back took {took:.4f} s")

    child = namespaces.helper(carry if by == "wire" else lambda: None)
    try:
        network.within(made.spaces[0], ask)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _in_group(cpu: float, memory: int, action: Callable[[list[str]], object]) -> tuple[int, float, dict[str, int]]:
    """Do something in a group: how it ended, its CPU seconds, and what the group counted."""
    folders = groups.make(f"{groups.NAME}{os.getpid()}-probe", cpu=cpu, memory=memory)

    def run() -> None:
        groups.enter(folders)
        action(folders)

    try:
        _, status, usage = os.wait4(namespaces.helper(run), 0)
        return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, groups.seen(folders)
    finally:
        groups.clear(folders)


def _cpu() -> None:
    begun = time.monotonic()

    def burn(folders: list[str]) -> None:
        while (went := time.monotonic() - begun) < LONGEST:
            if went > BURNED and groups.throttled(folders):
                return

    status, used, seen = _in_group(QUOTA, 0, burn)
    went = time.monotonic() - begun
    if status or not seen["throttled"] or used > 1.5 * QUOTA * went + QUOTA * groups.PERIOD / 1e6:
        raise OSError(
            5, f"a quota of {QUOTA} processors was taken, and {used:.2f} s of {went:.2f} s were used all the same"
        )


def _memory() -> None:
    status, _, _ = _in_group(0, LIMIT, lambda _: bytearray(b"x" * ASKED))
    if status != -signal.SIGKILL and status != 1:
        raise OSError(5, f"a limit of {LIMIT >> 20} MB was taken, and {ASKED >> 20} MB were used all the same")


def end_with(owner: int) -> None:
    """End in an orderly way when the process that asked does, so that no group stays."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    namespaces.libc().prctl(namespaces.PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != owner:
        sys.exit(1)


if __name__ == "__main__":
    groups.remove(groups.forgotten())
    end_with(int(sys.argv.pop(1)))
    print(json.dumps(probed(sys.argv[1], sys.argv[2:])))
