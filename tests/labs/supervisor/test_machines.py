"""Machines as the keeper makes them: what they may have holds, what cannot be had is refused, and nothing of them stays."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from labs.clients import reach
from labs.errors import NotHere
from labs.servers.machine import Machine, Settled
from labs.supervisor import ladder
from labs.supervisor.keeper import Keeper
from labs.supervisor.machines import groups
from labs.supervisor.reset import reset

PORT = 8000
# Sends as many bytes as it is asked for, to everybody
SERVER = """
import socket, sys
listening = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listens", flush=True)
while True:
    client, _ = listening.accept()
    with client:
        client.sendall(bytes(int(client.recv(100) or b"0")))
"""
BURN = "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass"
MEMORY = "import time\nheld = b'x' * (150 << 20)\nprint('held', flush=True)\ntime.sleep(60)"
needs_network = pytest.mark.skipif(bool(ladder.why_not("network")), reason=ladder.why_not("network"))
root = os.geteuid() == 0


class House:
    """A keeper with machines, and small programs on them."""

    def __init__(self, run_folder: Path) -> None:
        self.keeper = Keeper(run_folder, "house")
        self.settled: dict[str, Settled] = {}
        self.doors: dict[str, str] = {}

    def settle(self, *machines: Machine, rung: int | None = None) -> None:
        settled, self.doors = ladder.settle(self.keeper, machines, rung)
        self.settled = {each.name: each for each in settled}

    def run(self, machine: str, program: str, *arguments: str) -> int:
        log = self.keeper.folder / f"{machine}-{time.monotonic_ns()}.log"
        command = [sys.executable, "-I", "-S", "-c", program, *arguments]
        environment = {"LABS_FOLDER": str(self.keeper.folder)}
        pid = self.keeper.spawn(command, environment=environment, log=log, machine=machine)
        self.log = log
        return pid

    def said(self, pid: int, word: str) -> bool:
        """Whether it says this before it ends."""
        while word not in self.log.read_text() and pid not in self.keeper.ended():
            time.sleep(0.01)
        return word in self.log.read_text()

    def serve(self, machine: str) -> tuple[str, int]:
        address = self.settled[machine].address
        port = PORT if self.doors else free(address)
        assert self.said(self.run(machine, SERVER, address, str(port)), "listens"), self.log.read_text()
        return address, port

    def close(self) -> None:
        reach.forget(self.doors)
        self.keeper.end()


def free(host: str) -> int:
    with socket.create_server((host, 0)) as tried:
        return int(tried.getsockname()[1])


def fetch(address: tuple[str, int], size: int, timeout: float = 30.0) -> float:
    """Seconds until that many bytes have come."""
    begun, come = time.monotonic(), 0
    with reach.connect(address, timeout) as client:
        client.sendall(b"%d" % size)
        while data := client.recv(65536):
            come += len(data)
    assert come == size
    return time.monotonic() - begun


@pytest.fixture
def house(run_folder: Path, nothing_left: Callable[[], None]) -> Iterator[House]:
    opened = House(run_folder)
    yield opened
    pids = helpers(opened.keeper.pid)
    opened.close()
    nothing_left()
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert not groups_of(opened.keeper.pid)
    assert not strangers()


def helpers(keeper: int) -> list[int]:
    return [child.pid for child in psutil.Process(keeper).children(recursive=True)]


def groups_of(keeper: int) -> list[str]:
    """Folders of control groups that a keeper has made."""
    places = filter(None, map(groups.hierarchy, ("cpu", "memory")))
    return sorted(str(path) for place, _ in places for path in place.glob(f"labs-{keeper}-*"))


def strangers() -> list[str]:
    """What came from this process and lives in another network than it."""
    here, found = str(Path("/proc/self/ns/net").readlink()) if sys.platform == "linux" else "", []
    for process in psutil.Process().children(recursive=True):
        try:
            there = str(Path(f"/proc/{process.pid}/ns/net").readlink()) if here else ""
        except OSError:
            continue
        if there != here:
            found.append(f"{process.pid} in {there}")
    return found


def test_pyroute2_is_there_wherever_there_are_namespaces() -> None:
    assert ladder.library() or sys.platform != "linux"


@pytest.mark.parametrize("rung", [1, pytest.param(2, marks=needs_network)])
def test_two_machines_have_addresses_of_their_own_and_are_asked(house: House, rung: int) -> None:
    house.settle(Machine(name="web"), Machine(name="db"), rung=rung)
    assert [each.rung for each in house.settled.values()] == [rung] * 3
    for name in ("web", "db"):
        fetch(house.serve(name), 100_000)
    if sys.platform == "linux":
        assert len({each.address for each in house.settled.values()}) == 3


@needs_network
def test_an_unplugged_machine_is_silent_and_a_plugged_one_answers_again(house: House) -> None:
    house.settle(Machine(name="web"))
    address = house.serve("web")
    fetch(address, 10)
    with pytest.raises(ConnectionRefusedError):
        reach.connect((address[0], PORT + 1), 5)
    house.keeper.plug("web", up=False)
    with pytest.raises(TimeoutError):
        fetch(address, 10, timeout=0.5)
    house.keeper.plug("web", up=True)
    fetch(address, 10)


@needs_network
def test_bandwidth_holds_for_what_a_machine_sends(house: House) -> None:
    house.settle(Machine(name="slow", bandwidth=8e6), Machine(name="fast"))
    assert house.settled["slow"].by == {"bandwidth": "tbf"}
    sent = 500_000
    # never faster than the limit, on a busy machine slower; a piece passes at once
    assert fetch(house.serve("slow"), sent) > 0.9 * 8 * (sent - 25_000) / 8e6
    address = house.serve("fast")
    assert min(fetch(address, sent) for _ in range(5)) < 0.4


@needs_network
def test_a_delay_holds_each_way_and_what_carries_it_is_counted_apart(house: House) -> None:
    house.settle(Machine(name="far", delay=0.02), Machine(name="near"))
    assert house.settled["far"].by["delay"] in ("netem", "wire")
    address = house.serve("far")
    assert fetch(address, 10) > 0.08, "the connection goes there and back, and so does the request"
    near = house.serve("near")
    assert min(fetch(near, 10) for _ in range(5)) < 0.04
    servers = house.keeper.cpu_seconds()
    for _ in range(20):
        fetch(address, 200_000)
    carried = house.keeper.machines_seen()["cpu"]
    assert carried["set-up"] > 0
    if house.settled["far"].by["delay"] == "wire":
        assert carried["wire of far"] > 0
        family = house.keeper.family()
        assert len(family) == 2, "two servers; the wire and the door are none"
    assert house.keeper.cpu_seconds() >= servers


def test_a_limit_of_cpu_holds_or_is_refused_by_name(house: House) -> None:
    wanted = Machine(name="weak", cpu=0.1)
    if why := ladder.why_not("cpu"):
        with pytest.raises(NotHere, match=r"weak: cpu=0\.1 cannot be had") as refused:
            house.settle(wanted)
        assert why in str(refused.value)
        return
    house.settle(wanted)
    assert house.settled["weak"].rung == 4
    pid = house.run("weak", BURN)
    while pid not in house.keeper.ended():
        time.sleep(0.05)
    assert house.keeper.machines_seen()["groups"]["weak"]["throttled"] > 0
    assert house.keeper.cpu_seconds() < 0.3, "a tenth of a second's worth, and the period that is under way"


def test_a_limit_of_memory_holds_or_is_refused_by_name(house: House) -> None:
    wanted = Machine(name="small", memory=64 << 20)
    if why := ladder.why_not("memory"):
        with pytest.raises(NotHere, match="small: memory=") as refused:
            house.settle(wanted)
        assert why in str(refused.value)
        return
    house.settle(wanted, Machine(name="large"))
    pid = house.run("small", MEMORY)
    assert not house.said(pid, "held")
    assert house.keeper.ended()[pid] == -signal.SIGKILL
    assert house.said(house.run("large", MEMORY), "held")


@pytest.mark.parametrize("limit", [{"bandwidth": 1e6}, {"delay": 0.01}, {"cpu": 0.5}, {"memory": 1 << 28}])
def test_loopback_addresses_give_no_limit_and_say_so(house: House, limit: dict[str, Any]) -> None:
    name = next(iter(limit))
    with pytest.raises(NotHere, match=f"web: {name}="):
        house.settle(Machine(name="web", **limit), rung=1)


@needs_network
def test_an_address_without_a_door_is_refused_and_a_door_must_be_ones_own(house: House, tmp_path: Path) -> None:
    house.settle(Machine(name="web"))
    address = house.serve("web")
    assert reach.admitted(address[0])
    for host in ("198.18.77.1", "192.0.2.1", "10.0.0.1", "example.org"):
        assert not reach.admitted(host)
    with pytest.raises(ConnectionRefusedError, match="no machine"):
        reach.connect(("198.18.77.1", 80), 1)
    with pytest.raises(ConnectionRefusedError, match="no door"):
        reach.admit({"192.0.2": next(iter(house.doors.values()))})
    if root:
        somebodys = tmp_path / "door"
        somebodys.touch()
        os.chown(somebodys, 65534, 65534)
        with pytest.raises(ConnectionRefusedError, match="no door"):
            reach.admit({"198.18.78": str(somebodys)})
    reach.forget(house.doors)
    assert not reach.admitted(address[0])
    with pytest.raises(ConnectionRefusedError):
        fetch(address, 1)


@needs_network
def test_a_killed_keeper_leaves_no_namespace_and_reset_clears_its_groups(
    run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    opened = House(run_folder)
    limits = {} if ladder.why_not("memory") else {"memory": 64 << 20}
    opened.settle(Machine(name="web", delay=0.001, **limits), Machine(name="db"))
    fetch(opened.serve("web"), 10)
    pids = helpers(opened.keeper.pid)
    assert len(pids) >= 2
    os.kill(opened.keeper.pid, signal.SIGKILL)
    opened.keeper._process.wait()
    assert bool(groups_of(opened.keeper.pid)) == bool(limits)
    reset(run_folder)
    opened.close()
    nothing_left()
    end = time.monotonic() + 5
    while (left := [pid for pid in pids if psutil.pid_exists(pid)]) and time.monotonic() < end:
        time.sleep(0.02)
    assert not left
    assert not groups_of(opened.keeper.pid)


def test_where_namespaces_cannot_be_had_machines_stand_on_loopback_and_the_record_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a library that is no pyroute2, so that the keeper's own attempt fails; the probe finds the same."""
    monkeypatch.setattr(ladder, "library", lambda: "/nonexistent")
    monkeypatch.setattr(ladder, "why_not", ladder.why_not.__wrapped__)
    if not ladder.why_not("network"):
        pytest.skip("pyroute2 lies where every Python here finds it")
    house.settle(Machine(name="web"))
    assert house.settled["web"].to_json() == {"name": "web", "rung": 1, "asked": {}, "by": {}}
    with pytest.raises(NotHere, match="web: bandwidth="):
        house.settle(Machine(name="web", bandwidth=1e6))
    fetch(house.serve("web"), 10)
