"""Servers that the tests of runfcgi start, and what they ask of them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
from patience import HANG, Stopwatch, wait_for

from labs.clients.fastcgi import Conversation, ConversationError, Response, request
from labs.errors import LabError

HERE = Path(__file__).parent
PROJECT = HERE / "project"
APPS = HERE.parents[2] / "labs" / "apps"

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

    def get(self, path: str, timeout: float = HANG) -> Response:
        return request(self.address, path, timeout=timeout)

    def talk(self, timeout: float = HANG) -> Conversation:
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

    def held(self) -> int:
        """Requests for `hold` that the application has begun."""
        return len(list(self.folder.glob("begun-*")))

    @property
    def hold(self) -> str:
        """A page that is answered, with the process, once `let_go` was called."""
        return f"/hold/?in={quote(str(self.folder))}"

    def let_go(self) -> None:
        """Answer every request for `hold`, now and from now on."""
        (self.folder / "go").touch()

    def stop(self, signum: int = signal.SIGTERM, timeout: float = HANG) -> float:
        """Send the signal; the seconds until the process has ended. Raises TimeoutExpired."""
        watch = Stopwatch()
        self.process.send_signal(signum)
        self.process.wait(timeout)
        return watch.seconds

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()


def gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _listens(address: Address) -> bool:
    try:
        Conversation(address, timeout=1).close()
    except ConversationError:
        return False
    return True
