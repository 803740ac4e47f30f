"""A running server as an object: its life, who counts as ready, and what it costs."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from labs import Deployment, Site, deploy
from labs.errors import LabError, StartError
from labs.runtime import launch
from labs.runtime.running import Running
from labs.servers.address import Endpoint, Tcp, Unix
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.gunicorn import Gunicorn
from labs.servers.memcached import Memcached
from labs.servers.program import Program
from labs.supervisor import listeners
from labs.supervisor.keeper import Keeper

pytestmark = pytest.mark.servers
PYTHON = Program(name="python", apt="python3")


def until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, f"waited for {what}"
        time.sleep(0.01)


def killed(site_pid: int) -> None:
    os.kill(site_pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(site_pid), f"process {site_pid} to end")


@pytest.mark.parametrize("name", ["gunicorn-nginx", "fastcgi-apache"])
def test_a_killed_server_is_known_to_be_dead_and_the_one_started_after_it_is_restarted(
    name: str, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    """Once the dead number was still named, the new server found its address in use, and the restart reported success: a
    worker that outlived its master held the port, and any process of the deployment counted."""
    with deploy(name, site=tiny) as site:
        for label in [server.label for server in site.servers]:
            first = site.pid_of(label)
            killed(first)
            assert [each.label for each in site.instances.dead()] == [label]
            with pytest.raises(LabError, match=f"runs no {label}.*SIGKILL"):
                site.pid_of(label)
            second = site.start_server(label)
            assert site.pid_of(label) == second != first
            assert site.instances.dead() == []
            site.restart(label)
            assert site.pid_of(label) not in (first, second)
            assert len(site.processes().rows) == len(site.servers), "nothing of the dead one is left"
        assert site.get("/").text == "hello"
        killed(site.pid_of(site.front.label))
        site.restart(site.front.label)
        assert site.get("/").text == "hello"
        site.stop_server(site.front.label)
        with pytest.raises(LabError, match="runs no"):
            site.stop_server(site.front.label)
    nothing_left()


class Script(Server):
    """A server that is a few lines of Python, for what no real one does on demand."""

    program = PYTHON
    title = "a script"
    patience = 0.3

    def command(self, folder: Folder) -> list[str]:
        endpoint = folder.endpoint(self.listen)
        return [sys.executable, "-c", SCRIPTS[self.label], endpoint.path or str(endpoint.port)]


SCRIPTS = {
    "itself": """
import os, socket, sys, time
where = sys.argv[1]
if os.path.exists(where):
    os.unlink(where)  # of one that was killed, as servers do
family, where = (socket.AF_UNIX, where) if "/" in where else (socket.AF_INET, ("127.0.0.1", int(where)))
with socket.socket(family) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(where)
    server.listen()
    time.sleep(600)
""",
    "nobody": "import time; time.sleep(600)",
}
# A child listens, and the process that was started only waits for it
SCRIPTS["child"] = (
    f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {SCRIPTS['itself']!r}, *sys.argv[1:]]))"
)
# The child detaches itself from the process that was started, which stays
SCRIPTS["detached"] = f"""
import os, subprocess, sys, time
if not os.fork():
    os.setsid()
    if os.fork():
        time.sleep(0.2)
        os._exit(0)
    os.execv(sys.executable, [sys.executable, "-c", {SCRIPTS["itself"]!r}, *sys.argv[1:]])
os.wait()
time.sleep(600)
"""
SCRIPTS["busy"] = """
import os, time
if not os.fork():
    end = time.process_time() + 0.3
    while time.process_time() < end: pass
    os._exit(0)
time.sleep(0.6)
os.fork()  # the one who waits for the dead child is neither
os._exit(3)
"""


@pytest.fixture
def alone(run_folder: Path) -> Callable[..., Running]:
    """A script as a running server, beside nothing else: by its name, and where it listens."""
    keepers: list[Keeper] = []

    def make(name: str, listen: Tcp | Unix, *, seconds: float = 20) -> Running:
        keeper = Keeper(run_folder, name)
        keepers.append(keeper)
        folder = Folder(keeper.folder, keeper.sockets).make()
        server = Script(name=name, listen=listen)
        return Running(server, folder, keeper, (server,), start_timeout=seconds)

    yield make
    for keeper in keepers:
        keeper.end()


@pytest.mark.parametrize("listen", [Tcp("http"), Unix("a.sock")], ids=["port", "socket"])
@pytest.mark.parametrize("name", ["itself", "child", "detached"])
def test_ready_is_who_was_started_or_came_from_it(name: str, listen: Tcp | Unix, alone: Callable[..., Running]) -> None:
    server = alone(name, listen)
    assert server.state == "not started"
    server.start()
    assert server.state == "running" and server.alive
    assert server.processes()[0].pid == server.pid
    with pytest.raises(LabError, match="runs already"):
        server.start()
    server.stop()
    assert (server.state, server.pid, server.processes()) == ("stopped", None, [])
    server.start()


@pytest.mark.parametrize("listen", [Tcp("http"), Unix("a.sock")], ids=["port", "socket"])
def test_ready_is_not_whoever_holds_the_address(listen: Tcp | Unix, alone: Callable[..., Running]) -> None:
    server = alone("nobody", listen, seconds=0.5)
    where = server.endpoint
    with socket.socket(socket.AF_UNIX if where.path else socket.AF_INET) as another:
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        another.bind(where.key)
        another.listen()
        with pytest.raises(StartError, match="did not answer"):
            server.start()
    assert server.state == "stopped"


def test_a_port_of_another_address_is_another_port() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.2", 0))
        server.listen()
        port = server.getsockname()[1]
        assert listeners.serves(Endpoint(host="127.0.0.2", port=port), lambda: [os.getpid()])
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", port))
            other.listen()
            assert not listeners.serves(Endpoint(host="127.0.0.1", port=port), lambda: [os.getppid()])
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()
        port = server.getsockname()[1]
        assert listeners.serves(Endpoint(host="127.0.0.1", port=port), lambda: [os.getpid()])


def test_where_there_is_no_proc_psutil_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "TABLES", (Path("/no/such/table"),))
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        where = Endpoint(host="127.0.0.1", port=server.getsockname()[1])
        assert listeners.serves(where, lambda: [os.getpid()])
        assert not listeners.serves(where, lambda: [os.getppid()])


def test_a_frozen_server_keeps_its_socket_and_answers_nobody(
    tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with deploy("gunicorn-nginx", site=tiny) as site:
        back = site.running("gunicorn")
        back.freeze()
        assert back.state == "frozen" and back.alive
        assert {process.status() for process in back.processes()} == {psutil.STATUS_STOPPED}
        with pytest.raises(TimeoutError):
            site.get("/", timeout=0.5)
        back.thaw()
        assert (back.state, site.get("/").text) == ("running", "hello")
        back.freeze()
        begun = time.monotonic()
        back.stop()  # it hears the signal
        assert time.monotonic() - begun < back.server.patience
        back.start()
        assert site.get("/").text == "hello"
        back.freeze()  # and so does the deployment's end
    nothing_left()


def test_kill_leaves_nothing_and_is_known(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("gunicorn-nginx", site=tiny) as site:
        back = site.running("gunicorn")
        workers = back.processes()
        # it is ready when the last of its workers has loaded the site, not when its master listens
        assert len(workers) == 1 + back.server.workers  # type: ignore[attr-defined]
        assert back.log().count(f"Worker of master {back.number} has loaded the site") == len(workers) - 1
        back.kill()
        assert (back.state, back.status, back.processes()) == ("ended", -signal.SIGKILL, [])
        assert not any(process.is_running() for process in workers)
        assert "SIGKILL" in repr(back)
        with pytest.raises(StartError, match="SIGKILL"):
            site.instances.still_there()
        assert site.get("/").status == 502
        back.start()
        assert site.get("/").text == "hello"
    nothing_left()


def test_each_server_is_metered_for_itself(tiny: Site, run_folder: Path) -> None:
    with deploy("gunicorn-nginx", site=tiny, workers=2) as site:
        back, front = site.running("gunicorn"), site.running("nginx")
        before = {"back": back.cpu_seconds(), "front": front.cpu_seconds(), "all": site.cpu_seconds()}
        site.get("/burn/")
        spent = back.cpu_seconds() - before["back"]
        assert 0.48 <= spent <= 0.75
        assert front.cpu_seconds() - before["front"] < 0.1
        kept = back.cpu_seconds()
        back.restart()
        assert back.cpu_seconds() >= kept, "what has ended counts on"
        site.running("gunicorn").kill()
        assert site.instances.cpu_seconds("gunicorn") >= kept
        assert sum(each.cpu_seconds() for each in (back, front)) == pytest.approx(site.cpu_seconds(), abs=0.05)
        site.start_server("gunicorn")
        mine = [{process.pid for process in each.processes()} for each in (back, front)]
        assert all(mine) and not mine[0] & mine[1]
        assert mine[0] | mine[1] == {process.pid for process in site.tree()}
        assert back.pss() > 500_000 < front.pss() and site.instances.pss("nginx") > 500_000
        assert "Booting worker" in back.log() and "Booting worker" not in front.log()
    assert site._keeper is None


def test_an_orphan_that_nobody_saw_counts_for_its_server(alone: Callable[..., Running]) -> None:
    server = alone("busy", Tcp("http"))
    keeper = server._keeper
    server.pid = launch.spawn(keeper, server._folder, server.server)
    server._started.append(server.pid)
    until(lambda: not keeper.family(), "it to end")
    assert server.status == 3
    assert 0.28 <= server.cpu_seconds() <= 0.6


def test_a_label_counts_before_a_title(tiny: Site, run_folder: Path) -> None:
    """The title of the first is the label of the second."""
    servers = [Memcached(name="other"), Memcached(), Gunicorn(site=tiny, workers=1)]
    with Deployment("two", tiny, servers) as site:
        assert site.running("memcached").server is site.server("memcached") is servers[1]
        site.stop_server("memcached")
        with pytest.raises(LabError, match=r"runs no memcached\. It runs: other, gunicorn"):
            site.pid_of("memcached")
