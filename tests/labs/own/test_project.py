"""What belongs to a reader's project."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs import paths
from labs.errors import OptionError
from labs.own import project


@pytest.mark.parametrize("mark", project.TOPS)
def test_a_project_begins_where_its_version_control_does(tmp_path: Path, mark: str) -> None:
    (folder := tmp_path / "shop" / "src" / "shop").mkdir(parents=True)
    assert project.project_of(folder) == folder
    (tmp_path / "shop" / mark).touch()
    assert project.project_of(folder) == tmp_path / "shop"


def test_it_is_no_home_folder_and_not_the_labs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody keeps his home folder under version control; and a site of the labs' tests lies in their checkout."""
    (folder := tmp_path / "shop").mkdir()
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert project.project_of(folder) == folder
    here = paths.TOP / "tests" / "labs" / "site"
    assert project.project_of(here) == here


def test_deployments_do_not_lie_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "RUN", tmp_path / "shop" / "run")
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    with pytest.raises(OptionError, match="LABS_RUN_FOLDER"):
        project.check(tmp_path / "shop")
