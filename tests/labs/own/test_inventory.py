"""What is known of a reader's project and its Python."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

import pytest

from labs.errors import OptionError
from labs.own import inventory
from labs.site import Site


def site(folder: Path, python: Path = Path(sys.executable)) -> Site:
    return Site(folder=folder, settings="shop.settings", wsgi="shop.wsgi:application", python=python)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "my shop"
    for name, text in {"shop/views.py": "1", "shop/templates/a.html": "<p>", "media/large.png": "p"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_an_interpreter_is_asked_what_it_has(project: Path) -> None:
    found = inventory.inventory(site(project))
    assert found["python"] == f"{platform.python_implementation()} {platform.python_version()}"
    assert found["packages"]["Django"] == version("django")
    assert found["sqlite"].startswith("3.")
    assert found["lent"] == []


def test_another_interpreter_has_other_packages(project: Path, tmp_path: Path) -> None:
    """A virtual environment of the same Python, with one package of its own and no other."""
    builder = venv.EnvBuilder(symlinks=True)
    builder.create(tmp_path / "env")
    packages = next((tmp_path / "env").glob("lib/python3*/site-packages"))
    (packages / "parcels-1.5.dist-info").mkdir()
    (packages / "parcels-1.5.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: parcels\nVersion: 1.5\n")
    (packages / "broken-1.dist-info").mkdir()  # what an installation that was broken off leaves
    (packages / "loud.pth").write_text('import sys; print("loud")\n')
    found = inventory.inventory(site(project, tmp_path / "env/bin/python"))
    assert found["packages"] == {"parcels": "1.5"}


def test_nothing_of_the_project_is_run_or_written(project: Path) -> None:
    (project / "sitecustomize.py").write_text('open("written", "w")')
    (project / "json.py").write_text('raise RuntimeError("the project\'s own")')
    before = sorted(project.rglob("*"))
    assert inventory.inventory(site(project))["packages"]
    assert sorted(project.rglob("*")) == before


def test_an_interpreter_that_cannot_be_asked(project: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no such library' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(OptionError, match="does not say what is installed in it: no such library"):
        inventory.inventory(site(project, python))
    with pytest.raises(OptionError, match="does not say what is installed"):
        inventory.inventory(site(project, tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        ("shop/views.py", "2", False),
        ("shop/other.py", "1", False),
        ("shop/templates/a.html", "<b>", False),
        ("media/large.png", "q", True),
        ("db.sqlite3", "data", True),
        (".venv/lib/a.py", "1", True),
        ("node_modules/a/setup.py", "1", True),
        ("shop/__pycache__/views.py", "1", True),
    ],
)
def test_its_code_is_its_modules_and_templates(project: Path, name: str, text: str, same: bool) -> None:
    before = inventory.code(project)
    assert before is not None and len(before) == 16
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(text)
    assert (inventory.code(project) == before) is same


def test_the_same_code_elsewhere_is_the_same(project: Path, tmp_path: Path) -> None:
    subprocess.run(["cp", "-r", str(project), str(tmp_path / "copy")], check=True)
    assert inventory.code(tmp_path / "copy") == inventory.code(project)


def test_a_folder_with_too_many_files_has_no_digest(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "LIMIT", 2)
    assert inventory.code(project) is None


def test_a_link_to_nothing_and_a_pipe_are_no_code(project: Path) -> None:
    before = inventory.code(project)
    (project / "gone.py").symlink_to(project / "nowhere.py")
    os.mkfifo(project / "pipe.py")
    assert inventory.code(project) == before
