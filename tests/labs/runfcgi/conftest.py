from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from labs.errors import LabError
from labs.fastcgi import Conversation, ConversationError, Response, request

HERE = Path(__file__).parent
PROJECT = HERE / "project"
APPS = HERE.parents[2] / "labs" / "apps"
# flup's own names for the sizes of its pools.
PLAIN = {"minspare": "minSpare", "maxspare": "maxSpare", "maxrequests": "maxRequests"}

# The path entry that a project's interpreter gets, for the tests that call the app themselves.
sys.path.insert(0, str(APPS))

Address = tuple[str, int] | Path


@dataclass
class Server:
    """A server under test, in a session of its own."""

    process: subprocess.Popen[str]
    address: Address
    folder: Path
    words: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, method: str) -> None:
        """Wait until it listens and has its first children."""
        assert wait_for(lambda: self.process.poll() is not None or _listens(self.address), 15), "it does not listen"
        assert self.process.poll() is None, self.errors()
        if method == "prefork":
            assert wait_for(self.children)

    def get(self, path: str, timeout: float = 5) -> Response:
        return request(self.address, path, timeout=timeout)

    def talk(self, timeout: float = 5) -> Conversation:
        return Conversation(self.address, timeout=timeout)

    def get_many(self, path: str, number: int) -> list[Response | LabError]:
        """The same page by `number` clients at once: answers, or what went wrong."""

        def one(_: int) -> Response | LabError:
            try:
                return self.get(path)
            except LabError as error:
                return error

        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(one, range(number)))

    def children(self) -> list[int]:
        return sorted(child.pid for child in psutil.Process(self.pid).children(recursive=True))

    def stop(self, signum: int = signal.SIGTERM, timeout: float = 5) -> float:
        """Send the signal; the seconds until the process has ended. Raises TimeoutExpired."""
        began = time.perf_counter()
        self.process.send_signal(signum)
        self.process.wait(timeout)
        return time.perf_counter() - began

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()


def wait_for(condition: Callable[[], object], seconds: float = 5) -> bool:
    """Look until the condition holds; whether it did in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


@pytest.fixture
def token() -> Iterator[str]:
    """Marks every process of one test in its environment. Whatever still has it at the end is killed, daemons too."""
    mark = uuid.uuid4().hex
    yield mark
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("RUNFCGI_TEST") == mark:
                process.kill()


@pytest.fixture
def environment(token: str) -> dict[str, str]:
    path = os.pathsep.join([str(PROJECT), str(APPS)])
    return {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "tiny.settings", "RUNFCGI_TEST": token}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A short folder: the path of a socket holds 107 bytes."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="fc g") as name:
        yield Path(name)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def run(environment: dict[str, str], folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`manage.py runfcgi` with these words, to its end."""

    def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PROJECT / "manage.py"), "runfcgi", *words]
        return subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, timeout=15, check=False, **options
        )

    return run


@pytest.fixture
def serve(environment: dict[str, str], folder: Path) -> Iterator[Callable[..., Server]]:
    """Start a server in the foreground: ours, or with plain=True flup as it is."""
    servers: list[Server] = []

    def serve(
        method: str, *words: str, plain: bool = False, tcp: bool = False, protocol: str = "fcgi", ready: bool = True
    ) -> Server:
        address: Address = ("127.0.0.1", free_port()) if tcp else folder / f"{len(servers)}.sock"
        if plain:
            most = "maxChildren" if method == "prefork" else "maxThreads"
            names = {**PLAIN, "maxchildren": most}
            place = f"{address[0]}:{address[1]}" if isinstance(address, tuple) else str(address)
            sizes = [f"{names[name]}={value}" for name, _, value in (word.partition("=") for word in words)]
            command = [sys.executable, str(HERE / "plain.py"), method, place, *sizes]
        else:
            where = (
                [f"host={address[0]}", f"port={address[1]}"] if isinstance(address, tuple) else [f"socket={address}"]
            )
            command = [sys.executable, str(PROJECT / "manage.py"), "runfcgi", "daemonize=false", *where]
            command += [f"method={method}", f"protocol={protocol}", *words]
        home = folder / f"{len(servers)}"
        home.mkdir()
        with (home / "stdout").open("w") as out, (home / "stderr").open("w") as err:
            process = subprocess.Popen(
                command, env=environment, cwd=home, stdout=out, stderr=err, text=True, start_new_session=True
            )
        server = Server(process=process, address=address, folder=home, words=list(words))
        servers.append(server)
        if ready:
            server.wait(method)
        return server

    yield serve
    for server in servers:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.process.wait(5)


@pytest.fixture
def pair(serve: Callable[..., Server]) -> Callable[..., dict[bool, Server]]:
    """Plain flup (True) and ours (False), started side by side."""

    def pair(method: str, *words: str, tcp: bool = False) -> dict[bool, Server]:
        servers = {plain: serve(method, *words, plain=plain, tcp=tcp, ready=False) for plain in (True, False)}
        for server in servers.values():
            server.wait(method)
        return servers

    return pair


def _listens(address: Address) -> bool:
    try:
        Conversation(address, timeout=1).close()
    except ConversationError:
        return False
    return True
