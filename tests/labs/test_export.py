"""What is exported runs as it is, passes the servers' own checks and systemd's, and speaks of no place but its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
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
from labs.paths import SERVERS, TOP
from labs.systemd import assignment, word

if TYPE_CHECKING:
    from collections.abc import Callable

    from labs.site import Site

pytestmark = pytest.mark.servers

# All that a service gets from systemd beside its own (systemd.exec(5), "Environment variables in spawned processes")
MANAGER = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8"}

WAYS: dict[str, dict[str, object]] = {
    "gunicorn": {},
    "gunicorn-nginx": {"cache": "memcached"},
    "fastcgi-nginx": {"handed": True},
    "fastcgi-lighttpd": {"listen": "tcp"},
    "fastcgi-apache": {},
    "cgi-lighttpd": {},
}


def exported(name: str, target: Path, site: Site | None = None, **more: object) -> Exported:
    deployment = deploy(name, site=site, **({} if site else WAYS[name]))  # type: ignore[arg-type]  # deploy checks them
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


def variables(said: dict[str, list[str]]) -> dict[str, str]:
    """The variables of a unit's EnvironmentFile=, as a shell reads them; systemd reads the same."""
    assert "Environment" not in said  # units can be read by everybody
    found: dict[str, str] = {}
    for file in said.get("EnvironmentFile", []):
        assert Path(file).stat().st_mode & 0o777 == 0o600
        script = f"set -a; . {shlex.quote(file)}; exec env -0"
        shown = subprocess.run(
            ["env", "-i", "sh", "-c", script], capture_output=True, text=True, check=True, timeout=10
        )
        found |= dict(line.split("=", 1) for line in shown.stdout.split("\0") if line)
    return {name: value for name, value in found.items() if name not in ("PWD", "OLDPWD", "SHLVL", "_")}


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
            keeper.spawn(
                split(said["ExecStart"][0]),
                environment={**MANAGER, **variables(said)},
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


def as_a_host(command: str) -> list[str]:
    """A command on a host that has the servers where a distribution puts them, as a user without rights, in the bare
    environment of a service: the servers' folders lie over the system's in a mount namespace."""
    inside = " && ".join(
        f"mount -t overlay overlay -o lowerdir={shlex.quote(str(SERVERS))}/{name}:/{name} /{name}"
        for name in ("usr", "etc")
    )
    # Root in the first namespace, to mount; in the second a user like any other, who owns what root owns outside.
    user = 'exec unshare -U --map-user=1000 --map-group=1000 "$@"'
    bare = ["env", "-i", *(f"{name}={value}" for name, value in MANAGER.items())]
    return ["unshare", "-rm", "sh", "-c", f"{inside} && {user}", "sh", *bare, "sh", "-c", command]


@pytest.fixture(scope="module")
def host() -> None:
    """Skips where the system has no such namespaces for us, or no servers lie in the checkout."""
    tried = subprocess.run(as_a_host("true"), capture_output=True, text=True, timeout=30, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no host can be made here: {tried.stderr.strip()}")


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", WAYS)
def test_the_readme_works_on_another_host_as_written(
    name: str, tiny: Site, tmp_path: Path, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    prefix, port = tmp_path / "srv" / "shop", reserve()
    deployment = deploy(name, site=replace(tiny, media=None))
    try:
        export(deployment, tmp_path / "deploy", prefix=prefix, port=port, user="shop")
    finally:
        deployment.stop()
    prefix.parent.mkdir()
    (tmp_path / "deploy").rename(prefix)
    shutil.copytree(tiny.folder, prefix / "project")
    (prefix / "venv").symlink_to(sys.prefix)
    readme = (prefix / "README.md").read_text()

    def commands(section: str) -> list[str]:
        found = re.search(rf"## {section}\n.*?```console\n(.*?)```", readme, re.DOTALL)
        return re.findall(r"^\$ (.+)$", found[1], re.MULTILINE) if found else []

    for command in commands("Check it"):
        said = subprocess.run(as_a_host(command), capture_output=True, text=True, timeout=60, check=False)
        assert said.returncode == 0, said.stdout + said.stderr
    keeper = Keeper(run_folder, "host")
    try:
        for command in commands("Run it by hand"):
            keeper.spawn(as_a_host(command), environment={"PATH": os.defpath}, log=prefix / "log" / "test.log")
        end, answer = time.monotonic() + 20, None
        while time.monotonic() < end and (answer is None or answer.status != 200):
            try:
                answer = probe.get(f"http://127.0.0.1:{port}/")
            except OSError:
                time.sleep(0.1)
        assert answer is not None, (prefix / "log" / "test.log").read_text()
        assert answer.status == 200, (prefix / "log" / "test.log").read_text()
    finally:
        keeper.end()
    nothing_left()


def test_who_may_read_what(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    """Secrets are their owner's alone, in a file that no unit repeats; sockets lie where nobody else can get at them."""
    site = replace(tiny, media=None, environment={"SHOP_KEY": "not for everybody"})
    for name in ("gunicorn-nginx", "cgi-lighttpd"):
        target = tmp_path / name
        exported(name, target, site=site, prefix=Path("/srv/shop"), user="shop")
        holders = [
            path for path in target.rglob("*") if path.is_file() and "not for everybody" in path.read_text("utf-8")
        ]
        assert [oct(path.stat().st_mode & 0o777) for path in holders] == ["0o600"], holders
        assert (target / "socket").stat().st_mode & 0o777 == 0o700
        assert not any(path.stat().st_mode & 0o022 for path in target.rglob("*"))
        assert "www-data" not in "".join(path.read_text() for path in target.glob("*.conf"))


def test_a_place_too_deep_for_a_socket_is_refused(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    with pytest.raises(OptionError, match="too long for a socket"):
        exported(
            "gunicorn-nginx", tmp_path / "deploy", site=replace(tiny, media=None), prefix=Path("/srv/" + "x" * 100)
        )
    assert not (tmp_path / "deploy").exists()


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


@pytest.mark.parametrize("value", ["plain", "two words", 'a"b', "$HOME", "50%", "back\\slash", "`ls`", "it's", "a=b"])
def test_variables_are_read_back(value: str, tmp_path: Path) -> None:
    file = tmp_path / "some.env"
    file.write_text(assignment("KEY", value) + "\n")
    file.chmod(0o600)
    assert variables({"EnvironmentFile": [str(file)]}) == {"KEY": value}
