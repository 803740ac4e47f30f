from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from patience import HANG
from runfcgi_servers import APPS, HERE, PROJECT, Address, Server, free_port


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
def folder() -> Iterator[Path]:
    """A short folder: the path of a socket holds 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="fc g") as name:
        yield Path(name)


@pytest.fixture
def run(environment: dict[str, str], folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`manage.py runfcgi` with these words, to its end."""

    def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PROJECT / "manage.py"), "runfcgi", *words]
        return subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, timeout=HANG, check=False, **options
        )

    return run


@pytest.fixture
def serve(environment: dict[str, str], folder: Path) -> Iterator[Callable[..., Server]]:
    """Start a server in the foreground: the command, or the runner's kinds `plain` and `guarded`."""
    servers: list[Server] = []

    def serve(
        method: str, *words: str, kind: str = "command", tcp: bool = False, protocol: str = "fcgi", ready: bool = True
    ) -> Server:
        address: Address = ("127.0.0.1", free_port()) if tcp else folder / f"{len(servers)}.sock"
        if kind == "command":
            where = (
                [f"host={address[0]}", f"port={address[1]}"] if isinstance(address, tuple) else [f"socket={address}"]
            )
            command = [sys.executable, str(PROJECT / "manage.py"), "runfcgi", "daemonize=false", *where]
            command += [f"method={method}", f"protocol={protocol}", *words]
        else:
            place = f"{address[0]}:{address[1]}" if isinstance(address, tuple) else str(address)
            command = [sys.executable, str(HERE / "runner.py"), kind, method, place, *words]
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
        server.process.wait(HANG)


@pytest.fixture
def pair(serve: Callable[..., Server]) -> Callable[..., dict[bool, Server]]:
    """Plain flup (True) and ours (False), around the same application, started side by side."""

    def pair(method: str, *words: str, tcp: bool = False) -> dict[bool, Server]:
        kinds = {True: "plain", False: "guarded"}
        servers = {plain: serve(method, *words, kind=kind, tcp=tcp, ready=False) for plain, kind in kinds.items()}
        for server in servers.values():
            server.wait(method)
        return servers

    return pair
