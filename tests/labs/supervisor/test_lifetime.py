"""Nothing survives its owner, however the owner ends."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from patience import HANG, wait_for

from labs import Site, deploy
from labs.deployments.catalogue import names
from labs.errors import LabError
from labs.paths import TOP
from labs.supervisor.keeping.folder import JOURNAL
from labs.supervisor.reset import reset

OWNER = """
import signal, sys
from pathlib import Path
from labs import Site, deploy
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup has it ignored, and that is inherited
name, folder, media = sys.argv[1:]
site = Site(folder=Path(folder), settings="tiny", wsgi="tiny_wsgi:application", media=Path(media))
deployment = deploy(name, site=site)
deployment.start()
print("up", flush=True)
while {again}:
    deployment.get("/")
deployment.stop()
"""


def owner(name: str, site: Site, run_folder: Path, *, again: bool = True) -> subprocess.Popen[str]:
    environment = {**os.environ, "LABS_RUN_FOLDER": str(run_folder), "PYTHONPATH": str(TOP)}
    return subprocess.Popen(
        [sys.executable, "-c", OWNER.format(again=again), name, str(site.folder), str(site.media)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


@pytest.mark.servers
@pytest.mark.parametrize("number", range(20))
def test_an_owner_killed_at_a_random_moment(
    number: int, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    chance = random.Random(number)
    process = owner(chance.choice(names()), tiny, run_folder, again=chance.random() < 0.7)
    time.sleep(chance.uniform(0.05, 1.6))
    process.kill()
    process.wait()
    nothing_left()


@pytest.mark.servers
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_owner_that_is_told_to_end(
    how: signal.Signals, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    process = owner("fastcgi-apache", tiny, run_folder)
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    process.send_signal(how)
    process.wait(timeout=HANG)
    nothing_left()


ENDING = """
import os, sys
from pathlib import Path
from labs.supervisor.keeper import Keeper
keeper = Keeper(Path(sys.argv[1]), "stubborn")
stubborn = ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"]
for log in ("one.log", "two.log"):
    keeper.spawn(stubborn, environment=dict(os.environ), log=keeper.folder / log, patience=60.0)
while not all((keeper.folder / log).read_text() for log in ("one.log", "two.log")):
    pass
print("ending", flush=True)
keeper.end()
"""


def test_an_owner_killed_while_its_servers_are_being_ended(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    """A server's own patience is its owner's to grant: without one, all get the two seconds of an orphan."""
    command = [sys.executable, "-c", ENDING, str(run_folder)]
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ending\n"
        time.sleep(0.3)
        process.kill()
    nothing_left()


@pytest.mark.servers
def test_a_killed_keeper_is_cleared_by_reset(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    deployment = deploy("gunicorn-nginx", site=tiny).start()
    assert deployment._keeper is not None
    os.kill(deployment._keeper.pid, signal.SIGKILL)
    with pytest.raises(LabError, match="python -m labs reset"):
        deployment.cpu_seconds()
    deployment._keeper._process.wait()
    removed = reset(run_folder)
    assert [Path(str(entry["folder"])).name for entry in removed] == ["gunicorn-nginx"]
    nothing_left()


@pytest.mark.servers
def test_a_keeper_killed_while_it_empties_its_folder(
    tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    """It may have removed the journal already: what remains must not look like a folder that was kept on purpose."""
    deployment = deploy("gunicorn", site=tiny).start()
    folder = deployment.folder
    many = folder / "many"
    many.mkdir()
    for number in range(20_000):
        (many / str(number)).touch()
    keeper = deployment._keeper
    assert keeper is not None

    def stop() -> None:
        with contextlib.suppress(LabError):  # its keeper is gone
            deployment.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    end = time.monotonic() + 10
    while (folder / JOURNAL).exists() and time.monotonic() < end:
        time.sleep(0.0005)
    os.kill(keeper.pid, signal.SIGKILL)
    stopping.join()
    reset(run_folder)
    nothing_left()


KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from labs.supervisor.keeping import folder as place
def rmtree(folder, **_):
    (Path(folder) / place.JOURNAL).unlink()
    os.kill(os.getpid(), signal.SIGKILL)
shutil.rmtree = rmtree
place.remove(Path(sys.argv[1]))
"""


def test_what_is_killed_after_the_journal_is_gone_is_known_to_reset(run_folder: Path) -> None:
    folder = run_folder / "gunicorn"
    folder.mkdir(parents=True)
    for name in (JOURNAL, "gunicorn.conf.py"):
        (folder / name).touch()
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder)], cwd=TOP, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(run_folder.rglob("gunicorn.conf.py")), "it was killed half-way"
    assert len(reset(run_folder)) == 1
    assert not list(run_folder.iterdir())


@pytest.mark.servers
def test_reset_leaves_a_deployment_in_use_alone(tiny: Site, run_folder: Path) -> None:
    with deploy("gunicorn", site=tiny) as deployment:
        assert reset(run_folder) == []
        assert deployment.get("/").text == "hello"


@pytest.mark.servers
def test_a_daemon_that_detaches_itself_goes_too(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    deployment = deploy("gunicorn", site=tiny).start()
    assert deployment._keeper is not None
    code = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(600)"
    deployment._keeper.spawn(
        [sys.executable, "-c", code],
        environment={"LABS_FOLDER": str(deployment.folder.path)},
        log=deployment.folder.log / "x",
    )
    assert wait_for(lambda: any(row.process == "detached" for row in deployment.processes().rows))
    deployment.stop()
    nothing_left()


@pytest.mark.servers
def test_a_folder_that_was_asked_to_stay(tiny: Site, run_folder: Path) -> None:
    deployment = deploy("fastcgi-nginx", site=tiny, keep=True).start()
    deployment.stop()
    assert deployment.kept is not None and (deployment.kept / "nginx.conf").exists()
    assert reset(run_folder) == []


def test_a_stopped_deployment_says_so(tiny: Site, run_folder: Path) -> None:
    deployment = deploy("gunicorn", site=tiny)
    deployment.stop()
    with pytest.raises(LabError, match="has been stopped"):
        deployment.get("/")


HALF_AN_UPLOAD = b"""POST /upload/ HTTP/1.1\r
Host: 127.0.0.1\r
Content-Type: multipart/form-data; boundary=x\r
Content-Length: 5000000\r
\r
--x\r
Content-Disposition: form-data; name="file"; filename="page.bin"\r
\r
"""


@pytest.mark.servers
def test_half_an_upload_goes_with_its_server(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    """What Django writes of it while it arrives lies in the deployment's folder, so a killed worker leaves nothing behind."""
    with deploy("gunicorn", workers=1) as site:
        address = urlsplit(site.url)
        with socket.create_connection((str(address.hostname), address.port or 80)) as visitor:
            visitor.sendall(HALF_AN_UPLOAD + b"x" * 2_000_000)
            assert wait_for(lambda: list(site.folder.tmp.glob("*.upload*")), 10)
            for process in site.tree():
                process.kill()
    nothing_left()
