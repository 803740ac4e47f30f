"""The virtual environment: what a second run does, and what is said when it cannot be made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from patience import children
from provisioning import TOP, environment

from labs.provision import environment as program
from labs.provision import interpreter


def complete(folder: Path, **changes: object) -> None:
    """An environment as an earlier run has left it, without the packages."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").touch()
    program.write(folder, {"complete": True, "place": str(folder), "locks": program.sums(tests=False), **changes})


def test_a_complete_environment_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "an environment"
    complete(folder)
    seconds = []
    for _ in range(5):
        began = children()
        done = environment("--into", folder)
        seconds.append(children() - began)
        assert "ready" in done.stdout, done.stderr
    assert min(seconds) < 0.4  # 0.04 s where it is measured alone; here other tests may run beside it


@pytest.mark.parametrize(
    "changes",
    [
        {"complete": False},
        {"place": "/somewhere/else/.venv"},
        {"locks": {}},
        {"locks": {"requirements.lock": "of another day"}},
    ],
    ids=["interrupted", "moved", "no lock", "other lock"],
)
def test_any_other_is_not_taken_for_complete(tmp_path: Path, changes: dict[str, object]) -> None:
    complete(tmp_path / "e", **changes)
    assert not program.is_current(tmp_path / "e", program.sums(tests=False))


def test_one_without_the_tests_is_not_enough_for_them(tmp_path: Path) -> None:
    complete(tmp_path / "e")
    assert program.is_current(tmp_path / "e", program.sums(tests=False))
    assert not program.is_current(tmp_path / "e", program.sums(tests=True))


def test_one_whose_python_is_gone_is_made_anew(tmp_path: Path) -> None:
    complete(tmp_path / "e")
    (tmp_path / "e/bin/python").unlink()
    (tmp_path / "e/bin/python").symlink_to(tmp_path / "gone")
    assert not program.is_current(tmp_path / "e", program.sums(tests=False))


def test_the_base_of_an_environment_is_chosen_and_not_the_environment() -> None:
    found = interpreter.ask(sys.executable)
    assert found is not None
    assert Path(found.path) == Path(os.path.realpath(sys._base_executable))


def test_a_python_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_PYTHON", str(tmp_path / "nothing"))
    done = environment("--into", tmp_path / "e")
    assert done.returncode == 1
    assert "LABS_PYTHON names" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_older_python_is_told_before_anything_else() -> None:
    code = (
        "import runpy, sys; sys.version_info = (3, 9, 0, 'final', 0);"
        f"runpy.run_path({str(TOP / 'labs/provision/environment.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "3.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", [program.LOCK, program.TESTS])
def test_every_package_of_a_lock_has_its_version_and_checksums(name: str) -> None:
    text = (TOP / name).read_text()
    assert "://" not in text  # an index is the reader's own choice
    entries = re.findall(r"(?m)^\S.*(?:\n[ \t]+.*)*", text)
    assert len(entries) > 100
    assert [entry for entry in entries if not re.match(r"^[\w.-]+==\S+", entry) or "--hash=sha256:" not in entry] == []


def test_both_locks_agree() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"(?m)^[\w.-]+==\S+", (TOP / name).read_text()))

    assert pins(program.LOCK) <= pins(program.TESTS)


def test_what_is_named_exactly_is_what_is_locked() -> None:
    for folder in (TOP, TOP / "tests"):
        asked = re.findall(r"(?m)^[\w.-]+==[^\s;]+", (folder / "requirements.txt").read_text())
        locked = (folder / "requirements.lock").read_text()
        assert [pin for pin in asked if f"\n{pin} " not in f"\n{locked}"] == []


def test_labs_can_be_imported_from_any_folder(tmp_path: Path) -> None:
    folder = tmp_path / "an environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    program.link(folder)
    subprocess.run([folder / "bin/python", "-c", "import labs"], cwd=tmp_path, check=True)
