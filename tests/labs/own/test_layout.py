"""How projects lie in their folders: found by looking, or refused with what was seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labs import deploy
from labs.errors import Missing, OptionError
from labs.own.find import Said, own, project, settings_of
from labs.own.layout import layout

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'
SETTINGS = 'SECRET_KEY = "x"\nROOT_URLCONF = "shop.urls"\nALLOWED_HOSTS = ["*"]\nWSGI_APPLICATION = None\n'
URLS = (
    "from django.http import HttpResponse\nfrom django.urls import path\n"
    'urlpatterns = [path("", lambda request: HttpResponse("from src"))]\n'
)


def make(folder: Path, *names: str, **more: str) -> Path:
    """Files of a project, with what they usually hold."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        names_one = file.name in ("manage.py", "wsgi.py")
        text = MANAGE.format("shop.settings") if names_one else SETTINGS if file.name == "settings.py" else ""
        file.write_text(more.get(file.stem, URLS if file.name == "urls.py" else text))
    return folder


# Files -> the folder with manage.py, the settings, further folders for Python, words of the notes
FOUND = {
    "startproject": (("manage.py", "shop/settings.py"), "", "shop.settings", (), ""),
    "all in src": (("src/manage.py", "src/shop/settings.py"), "src", "shop.settings", (), "where manage.py is"),
    "in a folder of any name": (("web/manage.py", "web/shop/settings.py", "docs/a.md"), "web", "shop.settings", (), "web"),
    "two below": (("backend/src/manage.py", "backend/src/shop/settings.py"), "backend/src", "shop.settings", (), "src"),
    "package in src": (("manage.py", "src/shop/settings.py"), "", "shop.settings", ("src",), "package shop: found in"),
    "manage in scripts": (("scripts/manage.py", "shop/settings.py"), "scripts", "shop.settings", ("",), "package shop"),
    "no manage.py": (("shop/settings.py", "shop/wsgi.py"), "", "shop.settings", (), "which shop/wsgi.py names"),
    "no manage.py, src": (("src/shop/settings.py", "src/shop/wsgi.py"), "", "shop.settings", ("src",), "src/shop/wsgi.py"),
    "one in an environment": (
        ("src/manage.py", "src/shop/settings.py", ".venv/manage.py", "env/pyvenv.cfg", "env/manage.py"),
        "src",
        "shop.settings",
        (),
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_what_is_found(tmp_path: Path, case: str) -> None:
    files, folder, settings, path, note = FOUND[case]
    root = make(tmp_path / "my shop", *files)
    found = layout(root, "")
    assert (found.root, found.folder, found.settings) == (root, root / folder, settings)
    assert found.path == tuple(root / each for each in path)
    assert note in "; ".join(found.notes)


REFUSED = {
    "two manage.py": (("a/manage.py", "b/manage.py"), r"a/ and b/ have one each\. .*--site \S+/a$"),
    "two wsgi.py": (("a/wsgi.py", "b/wsgi.py"), r"a/wsgi\.py names a\.settings, b/wsgi\.py names b\.settings.*--settings a\.settings"),
    "two packages": (("manage.py", "one/shop/settings.py", "two/shop/settings.py"), r"could be in one/ and two/"),
    "only tests know": (("pytest.ini",), r"pytest\.ini names shop\.test for tests\. .*--settings shop\.test"),
    "pyproject": (("pyproject.toml",), r"pyproject\.toml names shop\.test for tests"),
    "something else": (("docs/a.md", "lib/b.py"), r"its folders are docs, lib\. .*--settings shop\.settings"),
    "nothing": ((), r"has no manage\.py .*--settings shop\.settings"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_with_what_was_seen(tmp_path: Path, case: str) -> None:
    files, said = REFUSED[case]
    (tmp_path / "shop").mkdir()
    root = make(tmp_path / "shop", *files)
    for name in ("a", "b"):
        if (root / name / "wsgi.py").exists():
            (root / name / "wsgi.py").write_text(MANAGE.format(f"{name}.settings"))
    if (root / "pytest.ini").exists():
        (root / "pytest.ini").write_text("[pytest]\nDJANGO_SETTINGS_MODULE = shop.test\n")
    if (root / "pyproject.toml").exists():
        (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = "shop.test"\n')
    with pytest.raises(OptionError) as caught:
        layout(root, "")
    assert re.search(said, str(caught.value), re.DOTALL), caught.value


def test_a_module_that_is_not_in_its_package_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"holds no shop\.production"):
        layout(make(tmp_path, "src/manage.py", "src/shop/settings.py"), "shop.production")


def test_the_settings_of_a_folder_are_those_that_would_be_run(tmp_path: Path) -> None:
    make(tmp_path / "one", "src/manage.py", "src/shop/settings.py")
    make(tmp_path / "two", "a/manage.py", "b/manage.py")
    assert [settings_of(tmp_path / name) for name in ("one", "two", "none")] == ["shop.settings", "", ""]


def test_an_environment_at_the_top_is_the_projects(tmp_path: Path) -> None:
    make(tmp_path, "src/manage.py", "src/shop/settings.py", ".venv/bin/python")
    assert project(tmp_path, "").python == tmp_path / ".venv/bin/python"


def test_settings_of_a_variable_come_before_those_of_manage_py(tmp_path: Path) -> None:
    """And never reach the servers: the settings of the run are the labs' own, which import them."""
    make(tmp_path, "manage.py", "shop/__init__.py", "shop/settings.py", "shop/urls.py")
    (tmp_path / "shop" / "other.py").write_text("from shop.settings import *\nSTATIC_URL = '/other/'\n")
    (tmp_path / ".env").write_text("DJANGO_SETTINGS_MODULE=shop.other\nPYTHONPATH=extra\n")
    (tmp_path / "extra").mkdir()
    site = own(Said(folder=tmp_path, env_file=tmp_path / ".env")).site
    assert site.static_url == "/other/"
    assert site.launch_environment()["DJANGO_SETTINGS_MODULE"] == "labs_own_site.settings"
    path = site.launch_environment()["PYTHONPATH"].split(":")
    assert path[:2] == [str(tmp_path), str(tmp_path / "extra")]
    named = own(Said(folder=tmp_path, settings="shop.settings", env=("DJANGO_SETTINGS_MODULE=shop.other",))).site
    assert named.environment["LABS_OWN_SETTINGS"] == "shop.settings"
    assert "DJANGO_SETTINGS_MODULE" not in named.environment


@pytest.mark.servers
@pytest.mark.parametrize("name", ["gunicorn", "cgi-lighttpd", "modwsgi-apache"])
def test_a_package_in_src_is_served(tmp_path: Path, run_folder: Path, name: str) -> None:
    make(tmp_path, "manage.py", "src/shop/__init__.py", "src/shop/settings.py", "src/shop/urls.py")
    try:
        with deploy(name, site=own(Said(folder=tmp_path)).site) as site:
            assert site.get("/").text == "from src"
    except Missing as missing:
        pytest.skip(str(missing))
