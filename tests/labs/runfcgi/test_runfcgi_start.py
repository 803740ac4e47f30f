"""Starting, taken places, going to the background, and ending."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psutil
import pytest
from patience import HANG
from runfcgi_servers import Server, free_port, gone, wait_for

from labs.clients.fastcgi import request  # isort: skip
from django_runfcgi import listener, pidfile
from django_runfcgi.errors import UsageError
from django_runfcgi.options import parse

Run = Callable[..., CompletedProcess[str]]
Serve = Callable[..., Server]
pytestmark = pytest.mark.servers


def bind(*words: str) -> listener.Listener:
    options = parse(words)
    if options.pidfile:
        pidfile.check(options.pidfile)
    opened = listener.bind(options)
    opened.listen()
    return opened


def refused(*words: str) -> str:
    with pytest.raises(UsageError) as caught:
        bind(*words)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_places_that_cannot_be_had(folder: Path) -> None:
    assert "at most 107" in refused(f"socket={folder}/{'x' * 120}") or sys.platform != "linux"
    assert "no folder" in refused(f"socket={folder}/none/x.sock")
    (folder / "file").write_text("kept")
    assert "is not a socket" in refused(f"socket={folder}/file")
    assert (folder / "file").read_text() == "kept"
    assert "is not an address" in refused("host=no.such.host.invalid", "port=4000")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert f"Port {port} of 127.0.0.1 is in use" in refused("host=127.0.0.1", f"port={port}")


def test_a_live_socket_is_refused_and_a_stale_one_replaced(folder: Path) -> None:
    path = folder / "x.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(0)
        # Each look takes a place in the queue, which holds one: a full queue is no sign of death.
        for _ in range(3):
            assert "A server is listening" in refused(f"socket={path}")
    assert path.exists()
    opened = bind(f"socket={path}")
    assert "A server is listening" in refused(f"socket={path}")
    opened.close()
    assert not path.exists()


def test_a_newer_server_keeps_its_socket(folder: Path) -> None:
    path = folder / "x.sock"
    older = bind(f"socket={path}")
    path.unlink()
    newer = bind(f"socket={path}")
    older.close()
    assert path.exists()
    newer.close()


@pytest.mark.parametrize("umask", ["000", "007", "022", "077"])
def test_umask_decides_who_may_open_the_socket(folder: Path, umask: str) -> None:
    opened = bind(f"socket={folder}/x.sock", f"umask={umask}")
    assert stat.S_IMODE((folder / "x.sock").stat().st_mode) == 0o777 & ~int(umask, 8)
    opened.close()


def test_the_pidfile(folder: Path) -> None:
    path = folder / "x.pid"
    pidfile.check(path)
    pidfile.write(path)
    assert path.read_text() == f"{os.getpid()}\n"
    assert [entry.name for entry in folder.iterdir()] == ["x.pid"]
    pidfile.check(path)
    pidfile.remove(path)
    assert not path.exists()


def test_the_pidfile_of_another_process(folder: Path) -> None:
    path = folder / "x.pid"
    process = subprocess.Popen(["sleep", "30"])
    try:
        path.write_text(f"{process.pid}\n")
        assert f"names process {process.pid}, which is running. Stop it first: kill {process.pid}" in refused(
            f"pidfile={path}", f"socket={folder}/x.sock"
        )
        pidfile.remove(path)
        assert path.exists()
        # The same number, given to another process after the file was written: a file from before a restart.
        old = time.time() - 3600
        os.utime(path, (old, old))
        if Path("/proc/stat").exists():
            pidfile.check(path)
    finally:
        process.kill()
        process.wait(5)
    pidfile.check(path)
    path.write_text("nonsense")
    pidfile.check(path)


@pytest.mark.parametrize("method", ["prefork", "threaded"])
def test_in_the_background_and_stopped_by_its_pidfile(run: Run, folder: Path, method: str) -> None:
    words = [f"method={method}", "socket=x.sock", "pidfile=x.pid", "errlog=err.log", "outlog=out.log", "umask=000"]
    began = run(*words, "maxchildren=2")
    assert (began.returncode, began.stdout, began.stderr) == (0, "", "")
    # The command returns only when the server listens.
    pid = int((folder / "x.pid").read_text())
    answer = request(folder / "x.sock", "/whoami/", timeout=HANG)
    told = json.loads(answer.body)
    assert (told["umask"], told["cwd"], told["multithread"]) == (0, "/", method == "threaded")
    assert stat.S_IMODE((folder / "x.sock").stat().st_mode) == 0o777
    assert os.getsid(pid) != os.getsid(0)
    request(folder / "x.sock", "/noisy/", timeout=HANG)
    assert wait_for(lambda: "to standard error" in (folder / "err.log").read_text())
    again = run(*words)
    assert again.returncode == 2
    assert f"names process {pid}, which is running" in again.stderr
    family = [pid, *(child.pid for child in psutil.Process(pid).children())]
    os.kill(pid, signal.SIGTERM)
    assert wait_for(lambda: gone(family))
    assert sorted(entry.name for entry in folder.iterdir()) == ["err.log", "out.log"]
    assert "to standard output" in (folder / "out.log").read_text()
    assert "past Python" in (folder / "out.log").read_text()
    assert "Traceback" not in (folder / "err.log").read_text()


def test_after_a_hard_kill_it_starts_again(run: Run, folder: Path) -> None:
    words = ["method=threaded", "socket=x.sock", "pidfile=x.pid"]
    pids = []
    for _ in range(2):
        assert run(*words).returncode == 0
        pids.append(int((folder / "x.pid").read_text()))
        assert request(folder / "x.sock", "/hello/", timeout=HANG).status == 200
        os.kill(pids[-1], signal.SIGKILL)
        assert wait_for(lambda: gone(pids))
        assert {"x.pid", "x.sock"} <= {entry.name for entry in folder.iterdir()}


def test_what_fails_in_the_background_is_told_in_front(run: Run, folder: Path, environment: dict[str, str]) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        result = run("host=127.0.0.1", f"port={port}", "pidfile=x.pid")
    assert result.returncode == 2
    assert result.stderr == f"runfcgi: Port {port} of 127.0.0.1 is in use; choose another, or stop its server.\n"
    result = run("socket=x.sock", "errlog=/no/such/folder/log")
    assert result.returncode == 2
    assert "Cannot write errlog=/no/such/folder/log: No such file or directory" in result.stderr
    environment["TINY_BROKEN"] = "1"
    result = run("socket=x.sock", "pidfile=x.pid")
    assert result.returncode == 1
    assert "The WSGI application does not load" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert list(folder.iterdir()) == []


def test_without_installing_the_app(environment: dict[str, str], folder: Path) -> None:
    del environment["DJANGO_SETTINGS_MODULE"]
    command = [sys.executable, "-m", "django_runfcgi"]
    words = ["socket=x.sock", "method=threaded", "pidfile=x.pid"]

    def run(*options: str) -> CompletedProcess[str]:
        return subprocess.run(
            [*command, *options, *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=HANG,
            check=False,
        )

    nothing = run()
    assert (nothing.returncode, "--settings MODULE" in nothing.stderr) == (2, True)
    wrong = run("--settings", "tiny.setings")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("runfcgi: The settings tiny.setings do not load: ModuleNotFoundError")
    right = run("--settings", "tiny.settings")
    assert (right.returncode, right.stderr) == (0, "")
    assert request(folder / "x.sock", "/hello/", timeout=HANG).body == b"Hello"
    os.kill(int((folder / "x.pid").read_text()), signal.SIGTERM)
    assert wait_for(lambda: not (folder / "x.sock").exists())


def test_started_by_a_web_server_on_its_socket(environment: dict[str, str], folder: Path) -> None:
    script = folder / "site.fcgi"
    script.write_text(
        "from django_runfcgi import runfastcgi\n"
        "runfastcgi(settings='tiny.settings', method='threaded', daemonize='false', maxchildren=1)\n"
    )
    path = folder / "x.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(5)
        process = subprocess.Popen([sys.executable, str(script)], stdin=server, env=environment)
    try:
        assert request(path, "/hello/", timeout=HANG).body == b"Hello"
        process.terminate()
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait(5)
