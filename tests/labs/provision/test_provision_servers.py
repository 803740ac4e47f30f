"""make servers: what it leaves, what it leaves alone, and what an interruption does to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from patience import children
from provisioning import TOP, servers

from labs.provision import relocate
from labs.provision import servers as program
from labs.provision.sets import SETS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("needs_apt")]

# Folders in which installing a package, or an apt that works on the system's state, would leave a trace.
SYSTEM = ("/etc", "/usr", "/var/lib/dpkg", "/var/lib/apt", "/var/cache/apt", "/var/lib/systemd", "/opt")


def listing() -> dict[str, tuple[int, int, int]]:
    """Every file and folder of the system that a set-up might touch: when changed, how large, which permissions."""
    found = {}
    for top in SYSTEM:
        for folder, _, files in os.walk(top):
            if folder.endswith("__pycache__"):
                continue  # written by any Python that runs as root
            for path in [folder, *(os.path.join(folder, name) for name in files)]:  # noqa: PTH118 - half a million
                try:
                    status = os.lstat(path)
                except FileNotFoundError:
                    continue
                found[path] = status.st_mtime_ns, status.st_size, status.st_mode
    return found


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory, needs_apt: None) -> Path:
    """The smallest set, in a path with what apt, a shell and make have for their own; the system is compared before and
    after."""
    folder = tmp_path_factory.mktemp("it's \"a reader's\" #1 50% $HOME \\ {}") / ".servers"
    before = listing()
    done = servers("wrk", "--into", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    after = listing()
    # A folder's own time changes when Python writes its cache beside a module; what is in it is compared anyway.
    changed = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    assert [path for path in changed if not (os.path.isdir(path) and path in before and path in after)] == []  # noqa: PTH112
    return folder


def test_the_program_runs_with_the_libraries_of_the_folder(unpacked: Path) -> None:
    program = unpacked / "root/usr/bin/wrk"
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False)
    assert "wrk" in said.stdout
    loaded = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    assert f"{unpacked}/root/usr/lib" in loaded.replace("/usr/bin/../lib", "/usr/lib")
    assert "not found" not in loaded


def test_the_folder_can_be_moved(unpacked: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    unpacked.rename(moved)
    try:
        loaded = subprocess.run(["ldd", moved / "root/usr/bin/wrk"], capture_output=True, text=True, check=True).stdout
        assert str(moved) in loaded
        assert "not found" not in loaded
    finally:
        moved.rename(unpacked)


def test_it_says_what_is_there(unpacked: Path) -> None:
    assert "wrk" in (unpacked / "README").read_text()
    record = json.loads((unpacked / "packages.json").read_text())
    assert any(package.startswith("wrk=") for package in record["packages"])
    assert "wrk" in record["sets"]


def test_nothing_of_apt_stays(unpacked: Path) -> None:
    assert {path.name for path in unpacked.iterdir()} == {"README", "lock", "log", "packages.json", "root"}
    assert list(unpacked.rglob("*.deb")) == []


def test_no_program_runs_as_its_owner(unpacked: Path) -> None:
    assert [path for path in relocate.walk(unpacked) if path.lstat().st_mode & 0o6000 and not path.is_symlink()] == []


def test_the_second_time_is_at_once_and_changes_nothing(unpacked: Path) -> None:
    stamp = (unpacked / "packages.json").stat().st_mtime_ns
    seconds = []
    for _ in range(5):
        began = children()
        assert "ready" in servers("wrk", "--into", unpacked).stdout
        seconds.append(children() - began)
    assert (unpacked / "packages.json").stat().st_mtime_ns == stamp
    assert min(seconds) < 0.2  # 0.04 s where it is measured alone; here other tests may run beside it


def test_two_at_once_do_not_collide(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "labs.provision.servers", "wrk", "--into", str(tmp_path / "s")]
    both = [subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=100)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("fetched" in text for text in said) == 1, said


@pytest.mark.parametrize("step", ["fetching", "making them find"])
def test_an_interrupted_run_leaves_no_half_and_goes_on(tmp_path: Path, step: str) -> None:
    folder = tmp_path / "s"
    command = [sys.executable, "-u", "-m", "labs.provision.servers", "wrk", "--into", str(folder)]
    process = subprocess.Popen(
        command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    for line in process.stdout:
        if step in line:
            break
    # As Ctrl+C does it: the signal goes to everything that runs in the terminal.
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    if process.returncode != 0:  # a fast machine may have been done before the signal came
        assert process.returncode == 130, error
        assert "stopped" in error
        assert not (folder / "root").exists()
        assert not (folder / "packages.json").exists()
    done = servers("wrk", "--into", folder)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([folder / "root/usr/bin/wrk", "-v"], capture_output=True, check=False).stdout


def test_a_killed_run_leaves_no_half_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    command = [sys.executable, "-u", "-m", "labs.provision.servers", "wrk", "--into", str(folder)]
    process = subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout
    for line in process.stdout:
        if "unpacking" in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    assert not (folder / "packages.json").exists()
    assert servers("wrk", "--into", folder).returncode == 0
    assert {path.name for path in folder.iterdir()} == {"README", "lock", "log", "packages.json", "root"}


def test_an_unknown_set_is_named(tmp_path: Path) -> None:
    done = servers("webb", "--into", tmp_path / "s")
    assert done.returncode == 2
    assert "webb" in done.stderr
    assert "web" in done.stderr


def test_settled_sets_are_remembered_by_their_description() -> None:
    record: dict[str, object] = {"sets": {"web": program.description(SETS["web"])}, "absent": {}}
    assert program.is_current(record, "web")
    assert not program.is_current(record, "wrk")
    changed = SETS["web"]._replace(packages=("nginx",))
    assert program.description(changed) != program.description(SETS["web"])
