"""A view of the file system in which nothing of a reader's can be changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labs import paths
from labs.own import shield
from labs.supervisor import reset
from labs.supervisor.keeper import Keeper
from labs.supervisor.sandbox import CANNOT, SHARED

GUARD, WHY = shield.here()
pytestmark = pytest.mark.skipif(GUARD != "overlay", reason=f"no overlay on this system: {WHY}")


def within(project: Path, program: str, *writable: Path) -> subprocess.CompletedProcess[str]:
    """What a Python program does in a view of a project."""
    plan = {"projects": [str(project)], "writable": [str(path) for path in writable], "mount": str(shield.empty())}
    command = [sys.executable, "-I", "-S", str(shield.SANDBOX), json.dumps(plan), sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=project)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    # What mount(2) would take for a separator, and what a list of mounts writes as an escape
    folder = tmp_path / "a shop:with,odd\\names"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "theirs.txt").write_text("theirs")
    (folder / "link").symlink_to("deep/theirs.txt")
    return folder


def test_what_is_written_below_a_project_is_seen_there_alone(project: Path) -> None:
    said = within(
        project,
        "import os; open('deep/theirs.txt', 'a').write(' and more'); open('new', 'w').close(); os.remove('link');"
        "print(open('deep/theirs.txt').read(), sorted(os.listdir('.')))",
    )
    assert said.stdout.strip() == "theirs and more ['deep', 'new']", said.stderr
    assert (project / "deep" / "theirs.txt").read_text() == "theirs"
    assert sorted(path.name for path in project.iterdir()) == ["deep", "link"]


@pytest.mark.parametrize("call", ["open({!r}, 'w')", "os.mkdir({!r})", "os.symlink('x', {!r})", "os.mknod({!r})"])
@pytest.mark.parametrize("where", ["temporary", "elsewhere"])
def test_nothing_else_is_written(project: Path, tmp_path: Path, call: str, where: str) -> None:
    """Below /tmp it may seem to be, where the run's folder lies elsewhere; anywhere else it is refused."""
    beside = (tmp_path if where == "temporary" else paths.CACHE) / f"beside-{os.getpid()}"
    said = within(project, "import os; " + call.format(str(beside)))
    assert not beside.exists()
    assert not beside.is_symlink()
    if not any(beside.is_relative_to(shared) for shared in SHARED):
        assert "Read-only file system" in said.stderr


def test_what_is_named_as_writable_is(project: Path, tmp_path: Path) -> None:
    (open_folder := tmp_path / "open").mkdir()
    said = within(project, f"open({str(open_folder / 'new')!r}, 'w').close()", open_folder)
    assert said.returncode == 0, said.stderr
    assert (open_folder / "new").exists()


def test_a_view_that_cannot_be_made_runs_nothing(tmp_path: Path) -> None:
    plan = {"projects": [str(tmp_path / "not there")], "writable": [], "mount": str(shield.empty())}
    command = [sys.executable, "-I", "-S", str(shield.SANDBOX), json.dumps(plan), "echo", "ran"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (said.returncode, said.stdout) == (CANNOT, "")


@pytest.mark.parametrize("victim", ["the keeper", "its owner"])
def test_nothing_of_a_view_is_left(project: Path, run_folder: Path, victim: str) -> None:
    """A server that writes below the project, and is killed with all that looks after it."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(run_folder), str(project)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert owner.stdout is not None
    keeper, server = map(int, owner.stdout.readline().split())
    folder = next(path for path in run_folder.iterdir() if path.is_dir())
    end = time.monotonic() + 20
    while not list(folder.glob("written/project-0/upper/new")):
        assert time.monotonic() < end, "the server wrote nothing"
        time.sleep(0.02)
    os.kill(keeper if victim == "the keeper" else owner.pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while Path(f"/proc/{server}").exists() and Path(f"/proc/{server}/status").read_text().find("State:\tZ") < 0:
        assert time.monotonic() < end, "the server is still there"
        time.sleep(0.02)
    if victim == "the keeper":
        reset.reset(run_folder)
    else:
        while folder.exists():
            assert time.monotonic() < end, "the folder is still there"
            time.sleep(0.02)
    owner.kill()
    owner.wait()
    assert not folder.exists()
    assert sorted(path.name for path in project.iterdir()) == ["deep", "link"]
    assert str(project) not in Path("/proc/self/mountinfo").read_text()


OWNER = """
import os, sys, time
from pathlib import Path
from labs.supervisor.keeper import Keeper
keeper = Keeper(Path(sys.argv[1]), "view")
project = sys.argv[2]
(keeper.folder / "log").mkdir()
assert keeper.shield([Path(project)], []) == ""
program = f"import time; open({project + '/new'!r}, 'w').close(); time.sleep(60)"
pid = keeper.spawn([sys.executable, "-c", program], environment=dict(os.environ), log=keeper.folder / "log" / "a.log")
print(keeper.pid, pid, flush=True)
time.sleep(60)
"""


def test_a_server_in_a_view_is_counted_like_any_other(project: Path, run_folder: Path) -> None:
    """Its memory and its processor time are read from outside."""
    keeper = Keeper(run_folder, "view")
    try:
        assert keeper.shield([project], []) == ""
        program = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\ntime.sleep(30)"
        pid = keeper.spawn([sys.executable, "-c", program], environment={}, log=keeper.folder / "a.log")
        end = time.monotonic() + 20
        while keeper.cpu_seconds() < 0.3 and time.monotonic() < end:
            time.sleep(0.02)
        assert keeper.cpu_seconds() >= 0.3
        assert keeper.family() == [pid]
        assert "Pss:" in Path(f"/proc/{pid}/smaps_rollup").read_text()
    finally:
        keeper.end()
