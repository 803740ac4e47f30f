"""The newsroom on a PostgreSQL of its own: the same pages, data that outlive a restart, and nothing that outlives a deployment."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from labs import deploy
from labs.clients import probe
from labs.errors import LabError, Missing, OptionError
from labs.export.bundle import export
from labs.newsroom import site as newsroom
from labs.paths import TOP
from labs.runtime import prepared
from labs.runtime.deployment import Deployment
from labs.servers import account
from labs.servers.address import Tcp
from labs.servers.postgresql import PostgreSQL
from labs.site import Site
from labs.supervisor.reset import reset

pytestmark = pytest.mark.servers

PAGES = ("/", "/sections/city/", "/sections/sports/?page=2", "/articles/1/", "/articles/1234/", "/articles/2000/",
         "/articles/2001/", "/articles/1234/comments/", "/search/?q=guitar", "/search/?q=The+goat", "/accounts/login/")  # fmt: skip
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


def segments() -> set[str]:
    """Segments of shared memory that this machine has (proc(5)), and those of PostgreSQL's that are files."""
    table = Path("/proc/sysvipc/shm")
    rows = table.read_text().splitlines()[1:] if table.exists() else []
    return {row.split()[1] for row in rows} | {path.name for path in Path("/dev/shm").glob("PostgreSQL.*")}


@pytest.fixture(scope="module", autouse=True)
def here() -> None:
    try:
        PostgreSQL(contents=newsroom()).find()
    except Missing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def served() -> Iterator[Deployment]:
    """One for the tests that only look, or whose changes harm no other."""
    with deploy("gunicorn", database="postgresql", workers=2) as running:
        yield running


def answers(running: Deployment) -> dict[str, tuple[int, bytes]]:
    found = {path: running.get(path) for path in PAGES}
    return {path: (answer.status, TOKEN.sub(b"", answer.body)) for path, answer in found.items()}


def test_pages_are_the_same_to_the_byte(served: Deployment) -> None:
    with deploy("gunicorn", workers=2) as embedded:
        expected = answers(embedded)
    before = len(served.alerts())  # other tests may have been refused
    assert answers(served) == expected
    assert len(served.alerts()) == before
    assert [status for status, _ in expected.values()].count(200) == len(PAGES) - 1, "a draft is not there"


def test_rows_and_the_numbers_of_the_next_ones(served: Deployment) -> None:
    """A comment gets a number that no row has; dates are of the archive, and not of the day that it was loaded."""
    with connected(served) as database:
        applied = database.execute("SELECT count(*), min(applied) FROM django_migrations").fetchone()
        assert applied is not None and applied[0] > 15 and applied[1].year == 1989
        last = database.execute("SELECT max(id) FROM paper_comment").fetchone()
        assert last is not None
        query = "INSERT INTO paper_notice (kind, text, printed_on) VALUES ('lost', 'A goat.', now()) RETURNING id"
        new = database.execute(query).fetchone()
        assert new is not None and new[0] > 400
        database.execute("DELETE FROM paper_notice WHERE id = %s", new)
        plain = database.execute("SELECT count(*) FROM paper_article WHERE status = 'published'").fetchone()
        assert plain == (2000,)


def connected(running: Deployment, **other: str) -> psycopg.Connection[tuple[object, ...]]:
    server = running.server("postgresql")
    assert isinstance(server, PostgreSQL)
    endpoint = running.folder.endpoint(server.listen)
    how = {"user": server.role, "password": server.password, "dbname": server.database, **other}
    return psycopg.connect(host=endpoint.host, port=endpoint.port, connect_timeout=5, autocommit=True, **how)


@pytest.mark.parametrize("other", [{"password": "wrong"}, {"user": "postgres"}, {"dbname": "postgres"}], ids=str)
def test_nobody_else_comes_in_by_the_network(served: Deployment, other: dict[str, str]) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|no pg_hba\.conf entry"):
        connected(served, **other)


def test_the_sites_role_owns_its_tables_and_nothing_else(served: Deployment) -> None:
    with connected(served) as database:
        for statement in ("CREATE DATABASE mine", "CREATE ROLE other", "COPY (SELECT 1) TO PROGRAM 'true'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                database.execute(statement)


def test_whoever_runs_it_is_its_superuser_by_the_socket(served: Deployment) -> None:
    server = served.server("postgresql")
    assert isinstance(server, PostgreSQL)
    place, port = str(server.sockets(served.folder)), served.folder.endpoint(server.listen).port
    with psycopg.connect(host=place, port=port, user="postgres", dbname=server.database) as database:
        told = {name: value for name, value, _ in database.execute("SHOW ALL").fetchall()}
        assert database.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone() == (True,)
    assert (told["fsync"], told["listen_addresses"], told["password_encryption"]) == (
        "on",
        "127.0.0.1",
        "scram-sha-256",
    )
    assert Path(told["data_directory"]) not in Path(told["unix_socket_directories"]).parents


def test_its_configuration_reads_the_same_in_every_run(served: Deployment) -> None:
    texts = served.configurations()
    assert {"postgresql.conf", "postgresql-hba.conf", "postgresql-ident.conf"} < texts.keys()
    for name in ("postgresql.conf", "postgresql-hba.conf"):
        assert str(served.folder.path) not in texts[name] and not re.search(r"\b\d{5}\b", texts[name])
    assert served.describe()["servers"].keys() >= {"PostgreSQL", "psycopg"}  # type: ignore[attr-defined]  # a dict


def test_what_was_written_outlives_a_restart_and_a_kill(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    before = segments()
    with deploy("gunicorn", database="postgresql", workers=1) as running:
        with connected(running) as database:
            database.execute("UPDATE paper_article SET headline = 'A goat on the levee' WHERE id = 2000")
        running.restart("postgresql")
        assert "A goat on the levee" in running.get("/articles/2000/").text
        server = running.running("postgresql")
        server.kill()
        assert running.get("/articles/2000/").status == 500
        server.start()
        assert "A goat on the levee" in running.get("/articles/2000/").text
        for process in running.tree():
            with contextlib.suppress(
                psutil.NoSuchProcess
            ):  # PostgreSQL's own processes end as the first of them is gone
                process.kill()
    nothing_left()
    assert segments() <= before


OWNER = """
from labs import deploy
deployment = deploy("gunicorn", database="postgresql", workers=1)
print(deployment._keeper.pid, flush=True)
deployment.start()
print("up", flush=True)
input()
"""


@pytest.mark.parametrize("victim", ["owner", "keeper"])
@pytest.mark.parametrize("pause", [None, 0.3], ids=["when it is up", "while it starts"])
def test_nothing_survives_its_owner(
    victim: str, pause: float | None, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    """No process, no folder, no shared memory; what a keeper leaves that is itself killed, `labs reset` clears."""
    before = segments()
    environment = {**os.environ, "LABS_RUN_FOLDER": str(run_folder), "PYTHONPATH": str(TOP)}
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        keeper = int(owner.stdout.readline())
        if pause is None:
            assert owner.stdout.readline() == "up\n"
            assert len(segments() - before) == (1 if Path("/proc/sysvipc/shm").exists() else 0)
        else:
            time.sleep(pause)
        os.kill(owner.pid if victim == "owner" else keeper, signal.SIGKILL)
        if victim == "keeper":
            time.sleep(0.2)  # PostgreSQL's children see that their parent has ended
            reset(run_folder)
            owner.kill()
    nothing_left()
    end = time.monotonic() + 5
    while segments() - before and time.monotonic() < end:
        time.sleep(0.05)
    assert segments() <= before


def test_two_of_a_kind_and_either_stops_alone(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    site = newsroom()
    gunicorn = deploy("gunicorn", database="postgresql", workers=1)
    try:
        front = gunicorn.servers[-1]
    finally:
        gunicorn.stop()
    first, second = PostgreSQL(contents=site), PostgreSQL(name="standby", listen=Tcp("standby"))
    with Deployment("two", site, [first, second, front]) as running:
        assert len({file for server in (first, second) for file in server.files(running.folder)}) == 6
        assert [row.processes > 0 for row in running.processes().rows] == [True] * 3
        running.stop_server("standby")
        assert running.get("/articles/1/").status == 200
        running.start_server("standby")
        running.stop_server("postgresql")
        assert running.folder.endpoint(second.listen).port != running.folder.endpoint(first.listen).port
        assert probe.takes_connections(running.folder.endpoint(second.listen))
    nothing_left()


@pytest.mark.skipif(os.geteuid() != 0, reason="what only root has a choice of")
@pytest.mark.parametrize(
    ("mode", "known"), [(0o755, False), (0o700, True)], ids=["a folder for all", "a folder of root's"]
)
def test_as_root_it_has_no_rights_of_roots(mode: int, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works as another account; where that cannot get to the folder, as root under another number, without its rights; and
    where the system has no such numbers, as the other account, which may look through folders."""
    other = account.unprivileged()
    assert other
    disguised = account._disguised(other)
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(mode)
        monkeypatch.setattr("labs.paths.RUN", Path(place) / "run")
        with deploy("gunicorn", database="postgresql", workers=1) as running:
            server = running.server("postgresql")
            assert isinstance(server, PostgreSQL)
            pid = running.pid_of("postgresql")
            told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            data = server.data(running.folder).stat()
            near = account.reachable(running.folder.path) and account.reachable(server.find().path)
            assert (told["Uid"].split()[0] == "0") is (known and disguised)
            assert str(data.st_uid) == told["Uid"].split()[0] and stat.S_IMODE(data.st_mode) == 0o700
            assert int(told["CapEff"], 16) == (0 if disguised or near else 1 << 2)  # CAP_DAC_READ_SEARCH
            assert running.get("/articles/1/").status == 200
        assert not list((Path(place) / "run").iterdir())


# -- the data that are kept


def test_data_are_made_once_and_copied(served: Deployment, run_folder: Path, tmp_path: Path) -> None:
    server = PostgreSQL()
    kept = tmp_path / "kept data"
    first = prepared.prepared(server, served.folder, kept=kept)
    made = first.stat().st_ino
    assert prepared.prepared(server, served.folder, kept=kept) == first and first.stat().st_ino == made
    assert [path.name for path in kept.iterdir() if not path.name.startswith(".")] == [first.name]
    assert not {"postmaster.pid", "postgresql.conf"} & {path.name for path in first.iterdir()}
    assert sum(path.stat().st_size for path in (first / "pg_wal").iterdir() if path.is_file()) == 16 * 1024**2
    assert not run_folder.exists() or not list(run_folder.iterdir()), "what made them is gone"


def test_what_decides_their_name(served: Deployment, tmp_path: Path) -> None:
    site = newsroom()
    server, folder = PostgreSQL(contents=site), served.folder
    project = tmp_path / "project"
    project.mkdir()
    (project / "models.py").write_text("a = 1\n")
    rows = tmp_path / "rows.sqlite3"
    rows.write_bytes(b"SQLite format 3\0")
    other = replace(server, contents=replace(site, folder=project, database=rows))
    names = {prepared.key(each, folder) for each in (server, PostgreSQL(), replace(server, role="other"), other)}
    (project / "models.py").write_text("a = 2\n")
    names.add(prepared.key(other, folder))
    rows.write_bytes(b"SQLite format 3\0, and more")
    names.add(prepared.key(other, folder))
    assert len(names) == 6
    assert prepared.key(replace(server, fsync=False), folder) == prepared.key(server, folder)


def test_what_a_killed_process_left_half_done_goes_with_the_next(
    served: Deployment, run_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / f"{prepared.UNFINISHED}postgresql-0").mkdir()
    old, used = tmp_path / "postgresql-1", tmp_path / "postgresql-2"
    for folder in (old, used):
        folder.mkdir()
    os.utime(old, (0, 0))
    prepared.forget(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path != run_folder] == [used.name]


def test_a_site_that_cannot_be_loaded_is_told_with_its_reason(run_folder: Path, tmp_path: Path) -> None:
    """Nothing is kept of it, and nothing left."""
    odd = tmp_path / "odd.sqlite3"
    import sqlite3

    database = sqlite3.connect(odd)
    database.execute("CREATE TABLE elsewhere (a)")
    database.close()
    kept = tmp_path / "kept"
    site = replace(newsroom(), database=odd)
    shell = deploy("gunicorn")
    try:
        with pytest.raises(LabError, match="the file and the migrations differ in tables"):
            prepared.prepared(PostgreSQL(contents=site), shell.folder, kept=kept)
        assert [path.name for path in kept.iterdir()] == [".lock"]
        assert [path.name for path in run_folder.iterdir()] == [shell.folder.path.name]
    finally:
        shell.stop()


# -- what is said where it cannot be


def test_a_site_that_reads_another_variable_keeps_its_tables(run_folder: Path, tmp_path: Path) -> None:
    """Migrations and rows go into the run's own database or nowhere."""
    import sqlite3

    theirs = tmp_path / "theirs.sqlite3"
    database = sqlite3.connect(theirs)
    database.execute("CREATE TABLE auth_user (name)")
    database.execute("INSERT INTO auth_user VALUES ('ada')")
    database.commit()
    database.close()
    (tmp_path / "odd.py").write_text(
        "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']\n"
        f"DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': {str(theirs)!r}}}}}\n"
    )
    before = theirs.read_bytes()
    site = Site(
        folder=tmp_path,
        settings="odd",
        wsgi="odd:application",
        python=Path(sys.executable),
        variables={"database": "NOT_READ"},
    )
    with pytest.raises(
        LabError, match=r"settings lead to .*theirs\.sqlite3, not to the database of this run.*nothing was"
    ):
        deploy("gunicorn", site=site, database="postgresql").start()
    assert theirs.read_bytes() == before


def test_what_there_is_not_is_refused_by_name(tiny: object, tmp_path: Path, run_folder: Path) -> None:
    with pytest.raises(OptionError, match="There is no database 'oracle'; there is 'postgresql'"):
        deploy("gunicorn", database="oracle")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="Your own project keeps the database of its settings"):
        deploy("gunicorn", site=tiny, database="postgresql")  # type: ignore[arg-type]
    deployment = deploy("gunicorn", database="postgresql")
    try:
        with pytest.raises(OptionError, match="a service of the system's"):
            export(deployment, tmp_path / "target")
    finally:
        deployment.stop()
    assert not (tmp_path / "target").exists()


def test_a_site_whose_python_has_no_driver_is_told_what_brings_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    bare = replace(newsroom(), python=tmp_path / "bare/bin/python")
    with pytest.raises(Missing, match=r"psycopg is not on this machine.*-m pip install psycopg\[binary\]"):
        PostgreSQL(contents=bare).find()
