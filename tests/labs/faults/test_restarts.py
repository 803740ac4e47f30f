"""The ways to restart: what readers see of each, and what runs after it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from patience import HANG, wait_for

from labs import Shell, deploy
from labs.errors import LabError
from labs.faults import restarts
from labs.runtime.deployment import Deployment

pytestmark = pytest.mark.servers
SHORT = {"workers": 10}


def connections(pid: int) -> int:
    """Connections that a server and its children have accepted; each of them listens on the one socket."""
    top = psutil.Process(pid)
    family = [top, *top.children()]
    return sum(bool(each.laddr) for process in family for each in process.net_connections("unix")) - len(family)


def workers(site: Deployment) -> set[str]:
    """The processes that answer, asked often enough to meet each."""
    return {str(site.get("/whoami/").json["pid"]) for _ in range(12)}


@pytest.mark.parametrize("way", [way for way in restarts.WAYS if "and start" not in way])
def test_a_graceful_way_loses_nothing(way: str, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    chosen = restarts.WAYS[way]
    with deploy(chosen.deployment, **chosen.options) as site:
        before, number = workers(site), len(site.tree())
        with site.readers(6, "/wait/?seconds=0.05") as readers:
            chosen.do(site)
        assert readers.failed == {}
        assert readers.answered > 6
        assert not workers(site) & before
        assert len(site.tree()) == number
    nothing_left()


@pytest.mark.parametrize("way", ["kill and start", "wait and start"])
@pytest.mark.parametrize("method", ["threaded", "prefork"])
def test_the_script_leaves_a_gap_and_then_serves(
    way: str, method: str, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with deploy("fastcgi-nginx", method=method, **SHORT) as site:
        before = workers(site)
        with site.readers(4, "/wait/?seconds=0.05") as readers:
            restarts.WAYS[way].do(site)
        assert list(readers.failed) == ["status 502"]
        assert readers.longest_gap > 0.1
        assert not workers(site) & before
    nothing_left()


@pytest.mark.parametrize("method", ["threaded", "prefork"])
def test_a_slow_page_is_finished_while_the_new_server_takes_the_address(method: str, run_folder: Path) -> None:
    """The old one must neither keep the address until it is done, nor take the new one's socket along when it goes."""
    with deploy("fastcgi-nginx", method=method, **SHORT) as site:
        for seconds in (2, 8, 28):  # the start of the new one takes its time on a busy machine
            slow: list[int] = []
            address = f"/wait/?seconds={seconds}"
            reader = threading.Thread(
                target=lambda to=address, into=slow: into.append(site.get(to, timeout=HANG).status)
            )
            old = site.running("runfcgi")
            assert wait_for(lambda old=old: connections(old.number) == 0), "the last question of the start is over"
            reader.start()
            assert wait_for(lambda old=old: connections(old.number) == 1)
            time.sleep(0.3)
            os.kill(old.number, signal.SIGTERM)
            site.start_server("runfcgi")
            under_way = old.alive
            assert site.get("/hello/").status == 200
            reader.join()
            assert slow == [200]
            if under_way:
                break
        assert under_way, "the slow page was to be under way still"
        old.stop()
        assert site.get("/hello/").status == 200


def test_a_request_that_has_connected_is_answered_though_the_server_stops(run_folder: Path) -> None:
    """Accepted, and not yet said a word: the front-end has sent it to nobody else."""
    from labs.clients.fastcgi import BeginRequest, Conversation, Params, Role, Stdin

    with deploy("fastcgi-nginx", handed=True) as site:
        talk = Conversation(site.address_of("runfcgi"))
        time.sleep(0.2)
        os.kill(site.pid_of("runfcgi"), signal.SIGTERM)
        time.sleep(0.3)
        variables = {"REQUEST_METHOD": "GET", "PATH_INFO": "/hello/", "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
        talk.send(BeginRequest(role=Role.RESPONDER), Params(variables), Params({}), Stdin(b""))
        talk.receive_all()
        assert "Hello" in repr(talk)


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        (restarts.start_beside, "handed=True"),
        (restarts.hold_the_socket, "handed=True"),
        (restarts.one_after_the_other, "backends=2"),
        (restarts.reload, "has no gunicorn"),
    ],
)
def test_a_way_says_what_it_needs(way: Callable[[Deployment], None], problem: str, run_folder: Path) -> None:
    with deploy("fastcgi-nginx") as site, pytest.raises(LabError, match=problem):
        way(site)


def test_the_script_starts_and_restarts(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with Shell() as shell:
        assert "kill" in restarts.script(shell.folder, shell.site).text
        pids = []
        for _ in range(2):
            assert shell.run("sh", "restart.sh").status == 0
            assert shell.answers() == 200
            pids.append(int((shell / "site.pid").read_text()))
        assert len(set(pids)) == 2
        assert [process.pid for process in shell.processes()] == pids[-1:]
    nothing_left()


def test_readers_see_a_gap_to_its_end(run_folder: Path) -> None:
    with deploy("fastcgi-nginx") as site:
        with site.readers(3) as readers:
            site.stop_server("runfcgi")
            time.sleep(0.3)
            site.start_server("runfcgi")
        assert readers.longest_gap > 0.3
        assert readers.failed["status 502"] > 0
        assert "502" in repr(readers)
