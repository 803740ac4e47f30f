"""A reader's own project, found from what was said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labs import deploy
from labs.errors import OptionError
from labs.own.find import project


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """What `django-admin startproject shop` makes."""
    folder = tmp_path / "my shop"
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "django", "startproject", "shop", str(folder)], check=True, timeout=60)
    return folder


def test_settings_and_application_are_found(shop: Path) -> None:
    site = project(shop, "")
    assert (site.settings, site.wsgi, site.folder) == ("shop.settings", "shop.wsgi:application", shop)


def test_what_is_not_there_is_said(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"holds no shop\.production"):
        project(shop, "shop.production")
    (tmp_path / "empty").mkdir()
    with pytest.raises(OptionError, match=r"--settings shop\.settings"):
        project(tmp_path / "empty", "")
    with pytest.raises(OptionError, match="no interpreter"):
        project(shop, "", python=tmp_path / "nothing")


@pytest.mark.servers
@pytest.mark.parametrize("name", ["gunicorn-nginx", "fastcgi-lighttpd", "cgi-lighttpd"])
def test_a_new_project_runs_as_it_is(shop: Path, run_folder: Path, name: str) -> None:
    before = sorted(path.relative_to(shop) for path in shop.rglob("*"))
    with deploy(name, site=project(shop, "")) as site:
        assert "The install worked successfully" in site.get("/", headers={"Host": "localhost"}).text
    assert sorted(path.relative_to(shop) for path in shop.rglob("*")) == before
