"""Whatever goes wrong at the start is said: what happened, to which command or file, what the log says, what to do.

Nothing is left then, and no traceback reaches whoever typed the command.
"""

from __future__ import annotations

import os
import re
import resource
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from labs import Site, deploy, paths
from labs.deployments.catalogue import names
from labs.errors import LabError, Missing, StartError
from labs.paths import TOP
from labs.runtime import launch
from labs.servers.address import Tcp
from labs.supervisor import keeper
from labs.supervisor.keeping.folder import short_folder
from labs.supervisor.reset import reset

pytestmark = pytest.mark.servers

HERE = Path(__file__).parents[1]
ROOT = os.geteuid() == 0


def faulty(fault: str, **more: str) -> Site:
    return Site(
        folder=HERE / "site", settings="faulty", wsgi="faulty_wsgi:application", environment={"FAULT": fault, **more}
    )


def up(
    name: str, *options: str, run: Path, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`labs up` with the tiny site, as a reader types it; `before` runs in the new process, to set limits.

    Where it comes up after all, it gets Ctrl+C, and its status is 0.
    """
    site = () if "--site" in options else ("--site", str(HERE / "site"), "--settings", "tiny", "--wsgi", "tiny_wsgi")
    process = subprocess.Popen(
        [sys.executable, "-m", "labs", "up", name, *site, *options],
        cwd=TOP,
        env={**os.environ, "LABS_RUN_FOLDER": str(run), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 - it only sets a limit
        start_new_session=True,
    )
    try:
        if select.select([process.stdout], [], [], 40)[0]:  # a line when it is up, or the end
            process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    return subprocess.CompletedProcess(process.args, process.returncode, said, complaint)


def program(folder: Path, name: str, body: str) -> str:
    """A program that says a version and then does something else than serve."""
    path = folder / name
    path.write_text(f'#!/bin/sh\ncase "$1" in -v|-V) echo "{name}/1.4.99"; exit 0;; esac\n{body}\n')
    path.chmod(0o755)
    return str(path)


# -- the place


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = Path(tempfile.mkdtemp(prefix="small disk "))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        folder.rmdir()
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill(folder: Path, left: int) -> None:
    """Use a disk up, but for some bytes."""
    with (folder / "ballast").open("wb") as file:
        file.write(b"\0" * (shutil.disk_usage(folder).free - left))


@pytest.mark.parametrize("left", [0, 4096, 8192])
@pytest.mark.parametrize("name", ["gunicorn-nginx", "fastcgi-lighttpd", "fastcgi-apache"])
def test_a_full_disk(name: str, left: int, small_disk: Path) -> None:
    fill(small_disk, left)
    said = up(name, run=small_disk / "run")
    assert said.returncode in (1, 2), said.stdout
    assert "Make room on that disk" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (small_disk / "run").exists() or not any((small_disk / "run").iterdir())


def test_a_disk_that_the_database_does_not_fit_on(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "RUN", small_disk / "run")
    fill(small_disk, 100_000)
    with pytest.raises(StartError, match=r"No space left on device(.|\n)*Make room") as caught:
        deploy("gunicorn").start()
    assert "site.sqlite3" in str(caught.value)
    assert not any((small_disk / "run").iterdir())


@pytest.mark.parametrize("size", [0, 100, 1000, 10_000, 100_000])
def test_files_that_may_not_grow(size: int, tmp_path: Path, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    said = up(
        "gunicorn-nginx",
        "--site",
        str(TOP / "labs/newsroom/project"),
        run=run_folder,
        before=limit("FSIZE", size),
        # Python keeps the half of a file of byte code that it could write, and every later process would stumble on it
        LABS_BYTECODE_FOLDER=str(tmp_path / "bytecode"),
        PYTHONDONTWRITEBYTECODE="1",
    )
    assert said.returncode in (1, 2)
    assert 'Traceback (most recent call last)\n  File "<frozen runpy>' not in said.stderr
    assert said.stderr.strip()
    nothing_left()


def limit(what: str, number: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(getattr(resource, f"RLIMIT_{what}"), (number, number))


@pytest.fixture
def nobody() -> tuple[str, ...]:
    """The words before a command that is run as another user."""
    if not ROOT or shutil.which("setpriv") is None:
        pytest.skip("only root can be somebody else")
    words = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent")
    if subprocess.run([*words, sys.executable, "-c", f"import os; os.listdir({str(TOP)!r})"], check=False).returncode:
        pytest.skip("another user cannot get to this checkout")
    return words


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user of this machine gets to."""
    folder = Path(tempfile.mkdtemp(prefix="shared "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_run_folder_that_one_may_not_write_to(nobody: tuple[str, ...], shared: Path) -> None:
    (shared / "run").mkdir()
    said = subprocess.run(
        [*nobody, f"LABS_RUN_FOLDER={shared / 'run'}", sys.executable, "-m", "labs", "up", "gunicorn"],
        cwd=TOP, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 2
    assert f"cannot be made in {shared / 'run'}: Permission denied" in said.stderr
    assert "LABS_RUN_FOLDER=/another/folder" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 2


def test_a_disk_that_is_read_only(small_disk: Path) -> None:
    (small_disk / "run").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    said = up("gunicorn", run=small_disk / "run")
    assert said.returncode == 2
    assert "Read-only file system" in said.stderr and "LABS_RUN_FOLDER=/another/folder" in said.stderr


def test_a_run_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    said = up("gunicorn", run=tmp_path / "run")
    assert said.returncode == 2
    assert f"cannot be made in {tmp_path / 'run'}" in said.stderr and "Traceback" not in said.stderr


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    said = up("gunicorn", run=tmp_path / ("x" * 300))
    assert said.returncode == 2
    assert "File name too long" in said.stderr and "LABS_RUN_FOLDER=/a/short/folder" in said.stderr


def test_sockets_find_no_short_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/x" * 60)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OSError, match="too long for a Unix socket"):
        short_folder()


# -- the keeper


def test_a_keeper_that_cannot_start(run_folder: Path, monkeypatch: pytest.MonkeyPatch, tiny: Site) -> None:
    monkeypatch.setattr(keeper, "SCRIPT", Path("/no/such/keep.py"))
    with pytest.raises(LabError, match=r"The keeper .* has ended \(exit status 2\)(.|\n)*can't open file"):
        deploy("gunicorn", workers=1, site=tiny)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(LabError, match=r"The keeper of gunicorn could not be started: No such file.*/no/such/python"):
        keeper.Keeper(run_folder, "gunicorn")


# -- the servers


@pytest.mark.parametrize("name", [each for each in names() if each != "cgi-lighttpd" and not each.startswith("sites")])
def test_a_port_that_somebody_took_in_between(
    name: str, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    other = deploy(name, site=tiny)
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", other.folder.endpoint(Tcp("http")).port))
        thief.listen()
        threading.Thread(target=answer, args=(thief,), daemon=True).start()
        with pytest.raises(StartError) as caught:
            other.start()
        thief.shutdown(socket.SHUT_RDWR)
    assert "Another program took the address in between. Start again" in str(caught.value)
    nothing_left()


def answer(thief: socket.socket) -> None:
    """What a stranger says who is good enough to be taken for a site."""
    try:
        while True:
            with thief.accept()[0] as connection:
                connection.settimeout(1)
                try:
                    if connection.recv(4096):
                        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                except TimeoutError:
                    continue
    except OSError:
        return


def test_a_program_that_ends_at_once(
    tmp_path: Path, tiny: Site, run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path, "lighttpd", 'echo "cannot find the third wheel" >&2; exit 7')
    monkeypatch.setenv("LABS_LIGHTTPD", path)
    with pytest.raises(StartError) as caught:
        deploy("fastcgi-lighttpd", site=tiny).start()
    said = str(caught.value)
    assert said.startswith("lighttpd ended at once (exit status 7).")
    assert path in said and "cannot find the third wheel" in said and "try      lighttpd -tt" in said
    nothing_left()


def test_a_program_that_ends_later(
    tmp_path: Path, tiny: Site, run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told how long it ran."""
    monkeypatch.setattr(launch, "AT_ONCE", 0.2)
    monkeypatch.setenv("LABS_LIGHTTPD", program(tmp_path, "lighttpd", "sleep 0.3; exit 7"))
    with pytest.raises(StartError, match=r"lighttpd ended after 0\.\d s, before it served \(exit status 7\)\."):
        deploy("fastcgi-lighttpd", site=tiny).start()
    nothing_left()


def test_a_program_that_is_killed(
    tmp_path: Path, tiny: Site, run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_NGINX", program(tmp_path, "nginx", "kill -SEGV $$"))
    with pytest.raises(StartError, match="ended by SIGSEGV"):
        deploy("gunicorn-nginx", site=tiny).start()
    nothing_left()


def test_a_program_that_hangs(
    tmp_path: Path, tiny: Site, run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_LIGHTTPD", program(tmp_path, "lighttpd", "trap '' INT TERM; sleep 600 & wait; sleep 600"))
    site = deploy("fastcgi-lighttpd", site=tiny)
    site.start_server("runfcgi")  # which is not what hangs, and may take its time
    site.start_timeout = 0.5
    with pytest.raises(StartError, match=r"(?s)lighttpd did not answer at 127.0.0.1:\d+ within 0.5 s.*--start-timeout"):
        site.start_server("lighttpd")
    site.stop()
    nothing_left()


def test_a_program_that_is_none(
    tmp_path: Path, tiny: Site, run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "nginx"
    broken.write_bytes(b"\x7fELF, as it were")
    broken.chmod(0o755)
    monkeypatch.setenv("LABS_NGINX", str(broken))
    with pytest.raises((StartError, Missing)) as caught:
        deploy("gunicorn-nginx", site=tiny).start()
    assert str(broken) in str(caught.value) and "Exec format error" in str(caught.value)
    nothing_left()


@pytest.mark.parametrize(
    ("name", "file", "line", "said"),
    [
        ("gunicorn-nginx", "nginx.conf", "listen_to_me;", "unexpected end|unknown directive"),
        ("fastcgi-lighttpd", "lighttpd.conf", "server.port = = 1", "parser failed|lighttpd.conf"),
        ("fastcgi-apache", "apache.conf", "ListenToMe 1", "Invalid command 'ListenToMe'"),
        ("gunicorn", "gunicorn.conf.py", "workers = = 1", "SyntaxError: invalid syntax"),
    ],
)
def test_a_configuration_with_an_error(
    name: str, file: str, line: str, said: str, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    site = deploy(name, site=tiny)
    with (site.folder / file).open("a") as text:
        text.write(f"\n{line}\n")
    with pytest.raises(StartError, match=r"ended at once \(exit status \d+\)") as caught:
        site.start()
    message = str(caught.value)
    assert re.search(said, message), message
    assert file in message and "  command  " in message and "  try      " in message
    nothing_left()


# -- what the system gives


@pytest.mark.parametrize("number", [6, 8, 10, 12])
def test_no_file_descriptors_left(number: int, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    said = up("fastcgi-apache", run=run_folder, before=limit("NOFILE", number))
    assert said.returncode in ((1, 2) if number < 12 else (0, 1, 2)), said.stderr  # twelve are enough, or nearly
    assert_no_traceback_of_ours(said)
    nothing_left()


@pytest.mark.parametrize("megabytes", [60, 80, 120])
def test_no_memory_for_a_child(megabytes: int, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    said = up("fastcgi-nginx", run=run_folder, before=limit("AS", megabytes << 20))
    assert said.returncode in ((1, 2) if megabytes == 60 else (0, 1, 2)), said.stderr  # flup asks for more now and then
    assert_no_traceback_of_ours(said)
    nothing_left()


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_no_process_left(processes: int, nobody: tuple[str, ...], shared: Path) -> None:
    run = shared / "run"
    run.mkdir()
    run.chmod(0o777)
    command = ["prlimit", f"--nproc={processes}", sys.executable, "-m", "labs", "up", "gunicorn-nginx"]
    # A user of its own, so that no other process of this machine counts
    alone = ["--reuid=64321" if word == "--reuid=65534" else word for word in nobody]
    said = subprocess.run(
        [*alone, f"LABS_RUN_FOLDER={run}", *command, "--site", str(HERE / "site"), "--settings", "tiny", "--wsgi", "tiny_wsgi"],
        cwd=TOP, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode in (1, 2), said.stdout
    assert_no_traceback_of_ours(said)
    assert not any(run.iterdir())


def assert_no_traceback_of_ours(said: subprocess.CompletedProcess[str]) -> None:
    """A server's log may hold one, indented; Python's own of our process may not be there."""
    assert said.stderr.strip() or said.returncode == 0
    assert "\nTraceback" not in f"\n{said.stderr}", said.stderr


# -- the site


@pytest.mark.parametrize("name", ["gunicorn", "gunicorn-nginx", "fastcgi-nginx", "cgi-lighttpd"])
def test_settings_that_do_not_import(name: str, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with pytest.raises(StartError) as caught:
        deploy(name, site=faulty("import")).start()
    assert "SHOP_KEY is not set" in str(caught.value)
    assert "The site does not import" in str(caught.value)
    nothing_left()


@pytest.mark.parametrize("name", ["gunicorn", "fastcgi-apache", "cgi-lighttpd"])
def test_a_site_that_answers_500(name: str, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with pytest.raises(StartError, match="came up, but the site did not: 500 for /") as caught:
        deploy(name, site=faulty("error")).start()
    assert "this page always fails" in str(caught.value)
    nothing_left()


@pytest.mark.parametrize("name", ["gunicorn", "fastcgi-nginx"])
def test_a_site_that_does_not_answer(
    name: str, run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = launch.first_page  # the servers may take their time to start; the page may not
    monkeypatch.setattr(launch, "first_page", lambda *words: asked(*words[:-1], launch.Patience(0.5)))
    with pytest.raises(StartError, match=r"(?s)the site did not: no answer to / within 0\.5 s.*--start-timeout"):
        deploy(name, site=faulty("silence")).start()
    nothing_left()


@pytest.mark.parametrize("name", ["gunicorn", "fastcgi-lighttpd"])
def test_a_site_whose_process_vanishes(name: str, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with pytest.raises(StartError):
        deploy(name, site=faulty("vanish")).start()
    nothing_left()


def test_a_database_that_is_locked(tmp_path: Path, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    path = tmp_path / "shop.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("CREATE TABLE article (read INTEGER)")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StartError, match="Another process holds the site's database") as caught:
            deploy("gunicorn", workers=1, site=faulty("database", DATABASE=str(path))).start()
    assert "database is locked" in str(caught.value)
    nothing_left()


def test_a_database_that_is_missing(tmp_path: Path, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with pytest.raises(StartError, match=r"python manage\.py migrate makes its tables"):
        deploy("gunicorn", workers=1, site=faulty("database", DATABASE=str(tmp_path / "none.sqlite3"))).start()
    site = replace(faulty("database"), database=tmp_path / "gone.sqlite3", variables={"database": "DATABASE"})
    with pytest.raises(StartError, match=r"No such file or directory \(.*gone\.sqlite3\)"):
        deploy("gunicorn", workers=1, site=site).start()
    nothing_left()


# -- two at once


def test_two_terminals(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("gunicorn", workers=1, site=tiny) as first, deploy("gunicorn", workers=1, site=tiny) as second:
        assert [first.folder.path.name, second.folder.path.name] == ["gunicorn", "gunicorn.2"]
        assert first.get("/").text == second.get("/").text == "hello"
        assert first.url != second.url
    nothing_left()


def test_many_terminals_in_the_same_instant(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    made: list[keeper.Keeper] = []
    threads = [threading.Thread(target=lambda: made.append(keeper.Keeper(run_folder, "gunicorn"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        expected = {"gunicorn", *(f"gunicorn.{number}" for number in range(2, 9))}
        assert {each.folder.name for each in made} == expected
        assert reset(run_folder) == []
    finally:
        for each in made:
            each.end()
    nothing_left()


def test_two_users_of_one_checkout(nobody: tuple[str, ...], shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "RUN", shared / "run")
    code = (
        "from labs import deploy\n"
        "from labs.supervisor.reset import reset\n"
        "with deploy('gunicorn-nginx', workers=1) as site:\n"
        "    print(site.folder.path.name, site.get('/hello/').status, {row.user for row in site.processes().rows}, reset())"
    )
    with deploy("gunicorn-nginx", workers=1) as mine:
        said = subprocess.run(
            [*nobody, f"LABS_RUN_FOLDER={shared / 'run'}", f"PYTHONPATH={TOP}", sys.executable, "-c", code],
            cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert said.stdout == "gunicorn-nginx.2 200 {'nobody'} []\n", said.stderr
        assert mine.get("/hello/").status == 200
        assert reset(shared / "run") == []
    assert not any((shared / "run").iterdir())
