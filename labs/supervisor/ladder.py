"""The ladder of hosts: what this machine can give to the machines of a deployment, found by trying, and what was given.

1  addresses on loopback: no limits but the servers' own
2  network namespaces, with a cable to each: bandwidth, delay, and silence when one is unplugged
4  the same, and control groups: processors and memory. For root
Whatever cannot be had is refused by its name, with the reason.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from labs.clients import reach
from labs.errors import LabError, NotHere
from labs.servers.machine import Machine, Settled
from labs.supervisor.keeper import Keeper

PROBE = Path(__file__).with_name("machines") / "probe.py"
PATIENCE = 60.0  # seconds for a probe, of which it takes one on a quiet machine
LOOPBACK, OTHERS = "127.0.0.1", "127.0.1.{}"
RUNGS = (1, 2, 4)
ADVICE = "Leave the limit out, or take a host that has it; python -m labs doctor says what this one gives."


@cache
def library() -> str:
    """The folder that pyroute2 lies in; empty where it is not installed."""
    found = importlib.util.find_spec("pyroute2")
    return str(Path(found.origin).parent.parent) if found and found.origin else ""


@cache
def why_not(what: str) -> str:
    """Why this host cannot give "network", "bandwidth", "netem", "wire", "cpu" or "memory"; empty where it can.

    Found once in this process, by using it.
    """
    if sys.platform != "linux":
        return "only Linux has namespaces and control groups"
    if what in ("cpu", "memory") and os.geteuid() != 0:
        return "control groups are root's"
    if what not in ("cpu", "memory") and not library():
        return "pyroute2, which lays the cables, is not installed in this environment"
    tried = [sys.executable, "-I", "-S", str(PROBE), str(os.getpid()), library(), what]
    try:
        said = subprocess.run(tried, capture_output=True, text=True, errors="replace", check=False, timeout=PATIENCE)
        return str(json.loads(said.stdout)[what])
    except subprocess.TimeoutExpired:
        return f"trying it took more than {PATIENCE:g} s"
    except (ValueError, KeyError):
        return said.stderr.strip() or f"trying it ended with {said.returncode}"


def settle(
    keeper: Keeper, machines: Sequence[Machine], rung: int | None = None
) -> tuple[list[Settled], dict[str, str]]:
    """Have the keeper make these machines, and this one beside them: what was got, and the doors (`reach.admit`).

    rung  the highest that may be used; None for the highest that this host gives
    Raises NotHere for a limit that this host cannot give.
    """
    if not machines:
        return [], {}
    most = (rung or max(RUNGS)) if library() else 1
    by = {machine.name: _means(machine, most) for machine in machines}
    if most > 1:
        try:
            return _in_namespaces(keeper, machines, by)
        except LabError:  # tried at once: to probe first would double what a start costs
            if not why_not("network") or any(by.values()):
                raise
    addresses = [LOOPBACK, *(_loopback(number) for number in range(1, len(machines) + 1))]
    return _settled(machines, addresses, 1, by), {}


def _in_namespaces(
    keeper: Keeper, machines: Sequence[Machine], by: dict[str, dict[str, str]]
) -> tuple[list[Settled], dict[str, str]]:
    network = reach.free_network()
    addresses = [f"{network}.{number}" for number in range(1, len(machines) + 2)]
    asked: list[dict[str, object]] = [{"name": "", "address": addresses[0]}]
    for machine, address in zip(machines, addresses[1:], strict=True):
        delayed = by[machine.name].get("delay", "")
        asked.append({"name": machine.name, "address": address, **machine.limits, "by": delayed})
    try:
        doors = {network: keeper.machines(asked, library())}
        reach.admit(doors)
    except BaseException:
        reach.forget({network})
        raise
    return _settled(machines, addresses, 2, by), doors


def _means(machine: Machine, most: int) -> dict[str, str]:
    """limit -> what will hold it. Raises NotHere."""
    found = {}
    for limit in machine.limits:
        if limit in ("cpu", "memory"):
            held = why_not(limit) or why_not("network")
            why, by = held if most >= 4 else "that needs rung 4, control groups", "control group"
        elif most < 2:
            why, by = why_not("network") or "that needs rung 2, network namespaces", ""
        elif limit == "delay":
            why, by = ("", "netem") if not why_not("netem") else (why_not("wire"), "wire")
        else:
            why, by = why_not(limit), "tbf"
        if why:
            raise NotHere(
                f"{machine.name}: {limit}={machine.limits[limit]:g} cannot be had on this host: {why}. {ADVICE}"
            )
        found[limit] = by
    return found


def _settled(
    machines: Sequence[Machine], addresses: list[str], rung: int, by: dict[str, dict[str, str]]
) -> list[Settled]:
    found = [Settled(machine=None, address=addresses[0], rung=rung, by={})]
    for machine, address in zip(machines, addresses[1:], strict=True):
        held = by[machine.name]
        found.append(
            Settled(machine=machine, address=address, rung=4 if {"cpu", "memory"} & set(held) else rung, by=held)
        )
    return found


def _loopback(number: int) -> str:
    """An address of its own, where the system has all of 127.0.0.0/8 (Linux); elsewhere the one that there is."""
    address = OTHERS.format(number)
    try:
        with socket.socket() as tried:
            tried.bind((address, 0))
    except OSError:
        return LOOPBACK
    return address
