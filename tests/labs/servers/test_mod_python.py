"""Apache with Python inside: what its two modules do, and what they refuse."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from labs import Site, deploy, paths
from labs.doctor.findings import readiness
from labs.errors import Missing, NotHere, OptionError
from labs.export.bundle import export
from labs.newsroom import variants
from labs.paths import BYTECODE
from labs.servers.account import unprivileged
from labs.servers.mod_python import ModPython
from labs.servers.mod_wsgi import ModWsgi

pytestmark = pytest.mark.servers

HANDLERS = {"mod_python.wsgi": {200}, "django_modpython": {200, 301, 404, 500}}
PAGES = ("/hello/", "/hello", "/no-such-page/", "/fail/")
PICTURE = "/media/photos/thumbnail/town-1.jpg"


@pytest.fixture(autouse=True)
def _modules() -> None:
    for module in (ModPython.module, ModWsgi.module):
        if module.look() is None:
            pytest.skip(f"{module.name} is not on this machine")


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_bundled_handler_sends_200_whatever_happened_and_ours_does_not(handler: str, run_folder: Path) -> None:
    with deploy("modpython-apache", workers=1, handler=handler) as site:
        answers = [site.get(path) for path in PAGES]
        assert {answer.status for answer in answers} == HANDLERS[handler]
        assert answers[1].header("Location") == "/hello/"
        assert "never printed" in answers[2].text and "Press stopped" in answers[3].text


def test_files_by_their_ending(run_folder: Path) -> None:
    with deploy("modpython-apache", workers=1, by="ending") as site:
        assert site.get(PICTURE).header("ETag")
        assert site.get("/articles/1/").status == 200
        missing = site.get("/mirror/of.jpg")
        assert missing.status == 404 and "never printed" not in missing.text, (
            "Apache looks for a file, and Django is not asked"
        )
    with deploy("modpython-apache", workers=1) as site:
        assert site.get("/mirror/of.jpg").status == 200


def test_an_edit_is_seen_by_the_next_request_where_children_serve_one(run_folder: Path) -> None:
    for requests, after in ((0, "before"), (1, "after")):
        deployment = deploy(
            "modpython-apache", site=variants.site("note"), max_requests=requests, workers=1, keepalive=0
        )
        deployment.folder.write("note.py", 'TEXT = "before"\n')
        with deployment as site:
            first = site.get("/note/")
            site.folder.write("note.py", 'TEXT = "after"\n')
            second = site.get("/note/")
            assert (first.text, second.text) == ("before\n", f"{after}\n")
            assert (first.header("X-Process") == second.header("X-Process")) is (requests == 0)


@pytest.mark.parametrize(("mpm", "kept"), [("prefork", True), ("worker", False), ("event", False)])
def test_threads_of_mod_python_find_the_data_of_others(mpm: str, kept: bool, run_folder: Path) -> None:
    """Why pages with a database fail there. Python gives each thread data of its own, and Django keeps connections in them."""
    with deploy("modpython-apache", site=variants.site("talk"), mpm=mpm, workers=4, keepalive=0) as site:
        with ThreadPoolExecutor(4) as readers:
            for _ in range(20):
                said = [answer.json for answer in readers.map(site.get, ["/thread/"] * 40)]
                strangers = sum(each["thread"] != each["own"] for each in said)
                if strangers or kept:
                    break
        assert (strangers == 0) is kept


@pytest.mark.parametrize(("mode", "processes"), [("embedded", 3), ("daemon", 5)])
def test_where_mod_wsgi_runs_the_site(mode: str, processes: int, tiny: Site, run_folder: Path) -> None:
    if mode == "daemon" and unprivileged():
        pytest.skip("root's daemons are tried in a folder that others may enter")
    with deploy("modwsgi-apache", site=tiny, mode=mode, mpm="prefork", workers=2, connections=2) as site:
        assert len(site.tree()) == processes
        pid = site.get("/environment/").json["pid"]
        assert psutil.Process(pid).ppid() == site.pid_of("Apache") != pid


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for deployments that everybody may enter; pytest's own is root's alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        monkeypatch.setattr(paths, "RUN", Path(name) / "run")
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has somebody else to hand on to")
@pytest.mark.parametrize("name", ["modpython-apache", "modwsgi-apache"])
def test_root_hands_django_on_to_an_account_without_rights(name: str, open_folder: Path) -> None:
    with deploy(name, workers=2) as site:
        account = unprivileged()
        if account is None or site.servers[-1].works_as(site.folder) is None:
            pytest.skip("no other account can enter this checkout")
        user = site.get("/whoami/").json["uid"]
        assert user != 0
        # SQLite writes beside the database, and nobody else may
        data = site.folder / "data"
        assert (data / "site.sqlite3").stat().st_uid == data.stat().st_uid == user
        assert not data.stat().st_mode & 0o002
        # What root reads again stays root's
        assert site.folder.path.stat().st_uid == (site.folder / "apache.conf").stat().st_uid == os.geteuid()
        assert {process.username() for process in site.tree() if process.pid != site.pid_of("Apache")} == {account.user}
        # Nor does Apache's parent, which is root, run byte code that the account may write
        kept = BYTECODE.with_name(f"{BYTECODE.name}-{account.user}")
        assert {file.stat().st_uid for file in kept.rglob("*.pyc")} == {user}
        if name == "modpython-apache":  # under mod_wsgi the parent runs no Python
            assert str(kept) not in site.servers[-1].environment(site.folder).values()
        assert not any(file.stat().st_uid == user for file in BYTECODE.rglob("*.pyc"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has somebody else to hand on to")
def test_daemons_are_reached_below_a_deep_folder(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their socket lies where all others do: a path of more than 107 bytes is none."""
    deep = open_folder / "/".join(["a-folder-with-a-long-name"] * 5)
    deep.mkdir(parents=True)
    monkeypatch.setattr(paths, "RUN", deep)
    with deploy("modwsgi-apache") as site:
        if site.servers[-1].works_as(site.folder) is None:
            pytest.skip("no other account can enter this checkout")
        assert "WSGIDaemonProcess" in site.config("apache.conf").text
        assert site.describe()["options"] == {"mode": "daemon"}, "what was decided here is told"
        assert site.get("/hello/").status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
def test_root_whom_nobody_can_stand_in_for(tiny: Site, run_folder: Path) -> None:
    run_folder.parent.chmod(0o700)
    with pytest.raises(NotHere, match=r"refuse to run as root.*mode='embedded' serves here"):
        deploy("modwsgi-apache", site=tiny, mode="daemon")
    with deploy("modwsgi-apache", site=tiny) as site:
        assert "WSGIDaemonProcess" not in site.config("apache.conf").text
        assert site.get("/").text == "hello"


def test_a_project_of_another_python_is_refused_plainly(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\necho '[\"3.99\", []]'\n")
    other.chmod(0o755)
    for name, module in (("modpython-apache", "mod_python"), ("modwsgi-apache", "mod_wsgi")):
        with pytest.raises(Missing, match=rf"{module} for this project, which runs on Python 3\.99") as error:
            deploy(name, site=Site(**{**vars(tiny), "python": other}))
        assert f"that {module} embeds" in str(error.value) and "gunicorn" in str(error.value)


def test_a_module_that_is_missing_is_said_and_the_rest_is_ready(
    monkeypatch: pytest.MonkeyPatch, tiny: Site, run_folder: Path
) -> None:
    monkeypatch.setenv("LABS_MOD_PYTHON", "/nowhere/mod_python.so")
    with pytest.raises(Missing, match=r"LABS_MOD_PYTHON names /nowhere/mod_python.so"):
        deploy("modpython-apache", site=tiny)
    here = {entry["name"]: entry["here"] for entry in readiness()}
    assert here["modpython-apache"].startswith("missing mod_python") and here["modwsgi-apache"] == "ready"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 2}, "one thread a process"),
        ({"mpm": "worker", "workers": 5, "threads": 2}, "5 workers cannot be shared out"),
    ],
)
def test_options_that_do_not_fit_each_other(
    options: dict[str, Any], message: str, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with pytest.raises(OptionError, match=message):
        deploy("modpython-apache", site=tiny, **options)
    nothing_left()


def test_mod_python_is_not_taken_to_a_server(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    deployment = deploy("modpython-apache", site=tiny)
    with pytest.raises(OptionError, match="modwsgi-apache is what to take to a server"):
        export(deployment, tmp_path / "deploy")
    deployment.stop()


def test_the_configuration_names_what_the_chapter_names(tiny: Site, run_folder: Path) -> None:
    deployment = deploy(
        "modpython-apache", site=tiny, debug=True, autoreload=True, interpreter="news", max_requests=1, at="/paper"
    )
    text = deployment.config("apache.conf").text
    deployment.stop()
    for line in (
        '<Location "/paper">',
        "SetHandler          python-program",
        "PythonHandler       django_modpython",
        'SetEnv              DJANGO_SETTINGS_MODULE "tiny"',
        "PythonDebug         On",
        "PythonAutoReload    On",
        "PythonInterpreter   news",
        "MaxConnectionsPerChild 1",
    ):
        assert line in text
