"""What is exported runs as it is, passes the servers' own checks and systemd's, and speaks of no place but its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ephemeral_port_reserve import reserve

from labs import deploy, probe
from labs.errors import OptionError
from labs.export import Exported, export
from labs.keeper import Keeper
from labs.paths import TOP
from labs.servers.base import PASSED_ON
from labs.systemd import word

if TYPE_CHECKING:
    from collections.abc import Callable

    from labs.site import Site

pytestmark = pytest.mark.servers

WAYS = {
    "gunicorn": {},
    "gunicorn-nginx": {"cache": "memcached"},
    "fastcgi-nginx": {"handed": True},
    "fastcgi-lighttpd": {"listen": "tcp"},
    "fastcgi-apache": {"media": "own"},
    "cgi-lighttpd": {},
}


def exported(name: str, target: Path, site: Site | None = None, **more: object) -> Exported:
    deployment = deploy(name, site=site, **WAYS[name])  # type: ignore[arg-type]  # deploy checks them
    try:
        return export(deployment, target, **more)  # type: ignore[arg-type]
    finally:
        deployment.stop()


def unit(text: str) -> dict[str, list[str]]:
    """The settings of a unit file, by name, each with all its values."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def split(line: str) -> list[str]:
    """A line of ExecStart= as systemd splits it: like a shell, with its own two escapes."""
    return [each.replace("%%", "%").replace("$$", "$") for each in shlex.split(line)]


@pytest.mark.parametrize("name", WAYS)
def test_the_units_run_as_they_are(
    name: str, tmp_path: Path, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    target, port = tmp_path / "to take home", reserve()
    made = exported(name, target, port=port)
    services = [file for file in made.files if file.endswith(".service")]
    keeper = Keeper(run_folder, "exported")
    try:
        for file in services:
            said = unit((target / file).read_text())
            socket = (target / file).with_suffix(".socket")
            listen = unit(socket.read_text())["ListenStream"][0] if socket.exists() else None
            variables = dict(split(each)[0].split("=", 1) for each in said.get("Environment", []))
            passed = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
            keeper.spawn(
                split(said["ExecStart"][0]),
                environment={**passed, **variables},
                log=target / "log" / "test.log",
                signal=said["KillSignal"][0],
                listen=listen,
            )
            time.sleep(
                0.3
            )  # a unit that is After= another one starts when that one has been started, not when it answers
        answer = None
        end = time.monotonic() + 20
        while time.monotonic() < end and (answer is None or answer.status != 200):
            try:
                answer = probe.get(f"http://127.0.0.1:{port}/articles/1/")
            except OSError:
                time.sleep(0.1)
        assert answer is not None, (target / "log" / "test.log").read_text()
        assert answer.status == 200
    finally:
        keeper.end()
    nothing_left()


@pytest.mark.parametrize("name", WAYS)
def test_the_servers_own_checks_pass(name: str, tmp_path: Path, run_folder: Path) -> None:
    target = tmp_path / "deploy"
    exported(name, target, port=reserve())
    readme = (target / "README.md").read_text()
    section = re.search(r"## Check it\n\n```console\n(.*?)```", readme, re.DOTALL)
    assert section is not None
    for command in re.findall(r"^\$ (.+)$", section[1], re.MULTILINE):
        said = subprocess.run(
            ["sh", "-c", command], cwd=target, capture_output=True, text=True, timeout=60, check=False
        )
        assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
@pytest.mark.parametrize("name", WAYS)
def test_systemd_accepts_the_units(name: str, tmp_path: Path, run_folder: Path) -> None:
    made = exported(name, tmp_path / "deploy", user="root")
    files = [str(made.folder / file) for file in made.files if file.startswith("systemd/")]
    said = subprocess.run(
        ["systemd-analyze", "verify", *files], capture_output=True, text=True, timeout=60, check=False
    )
    mine = [line for line in (said.stdout + said.stderr).splitlines() if str(made.folder) in line or "newsroom" in line]
    assert mine == []


def test_every_file_is_explained(tmp_path: Path, run_folder: Path) -> None:
    made = exported("fastcgi-nginx", tmp_path / "deploy")
    readme = (made.folder / "README.md").read_text()
    there = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    for file in there - {"README.md"}:
        assert any(f"`{name}`" in readme and file.startswith(name) for name in made.files), file


def test_for_another_host_nothing_speaks_of_this_one(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    target = tmp_path / "deploy"
    exported("fastcgi-apache", target, site=replace(tiny, media=None), prefix=Path("/srv/shop"), user="shop")
    for path in target.rglob("*"):
        if path.is_file() and "apps" not in path.parts:
            text = path.read_text()
            assert str(TOP) not in text, path.name
            assert str(target) not in text, path.name
            assert str(tiny.folder) not in text, path.name
    service = (target / "systemd" / "tiny-runfcgi.service").read_text()
    assert "User=shop" in service
    assert "ExecStart=/srv/shop/venv/bin/python" in service


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, run_folder: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OptionError, match="not empty"):
        exported("gunicorn", tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != "run here"] == ["mine.txt"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("two words", '"two words"'),
        ("50%", "50%%"),
        ("$HOME", "$$HOME"),
        ('a"b', '"a\\"b"'),
        ("", '""'),
    ],
)
def test_words_of_execstart(text: str, written: str) -> None:
    assert word(text) == written
    assert split(written) == [text]
