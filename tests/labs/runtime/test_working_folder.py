"""A site works in its project's folder, as under manage.py, whatever serves it; and no server leaves a file of its own there."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labs import deploy
from labs.errors import NotHere, StartError
from labs.own.find import Said, as_it_is, own

pytestmark = pytest.mark.servers

# All that a project can find by a relative path: a file that its settings read, templates, a database
SETTINGS = """
SECRET_KEY = open(".env").read().strip()
ROOT_URLCONF = "desk.urls"
WSGI_APPLICATION = "desk.wsgi.application"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = []
MIDDLEWARE = []
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["templates"]}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
"""
URLS = """
import os
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path

def where(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM desk")
        (name,) = cursor.fetchone()
    said = [os.getcwd(), settings.SECRET_KEY, name, render_to_string("desk.txt").strip()]
    return HttpResponse("\\n".join(said), content_type="text/plain")

urlpatterns = [path("", where), path("folder/", lambda request: HttpResponse(os.getcwd())),
               path("abort/", lambda request: os.abort())]
"""
WSGI = """
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""

SINGLE: dict[str, dict[str, object]] = {
    "gunicorn": {},
    "fastcgi-nginx, handed": {"handed": True},
    "fastcgi-lighttpd": {"method": "prefork"},
    "cgi-lighttpd": {},
    "modpython-apache": {},
    "modwsgi-apache": {},
    "modwsgi-apache, embedded": {"mode": "embedded"},
}


def project(folder: Path, name: str) -> Path:
    """A project that a relative path finds nothing of but from its own folder."""
    import sqlite3

    (folder / "desk").mkdir(parents=True)
    (folder / "templates").mkdir()
    for file, text in {
        "desk/__init__.py": "",
        "desk/settings.py": SETTINGS,
        "desk/urls.py": URLS,
        "desk/wsgi.py": WSGI,
        "manage.py": MANAGE,
        ".env": f"key of {name}\n",
        "templates/desk.txt": f"page of {name}\n",
    }.items():
        (folder / file).write_text(text)
    with sqlite3.connect(folder / "db.sqlite3") as database:
        database.execute("CREATE TABLE desk (name)")
        database.execute("INSERT INTO desk VALUES (?)", [f"row of {name}"])
    database.close()
    return folder


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return project(tmp_path / "the desk", "desk")


def digest(folder: Path) -> str:
    """Of every name, time and byte below a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        total.update(f"{path.relative_to(folder)} {path.lstat().st_mtime_ns}".encode())
        if path.is_file():
            total.update(path.read_bytes())
    return total.hexdigest()


@pytest.mark.parametrize("way", SINGLE)
def test_relative_paths_mean_what_they_mean_under_manage(way: str, desk: Path, run_folder: Path) -> None:
    """And what a server writes by itself, its logs and sockets and numbers, lies elsewhere."""
    before = digest(desk)
    with deploy(way.partition(",")[0], site=own(Said(folder=desk)).site, **SINGLE[way]) as site:  # type: ignore[arg-type]
        assert site.get("/").text.splitlines() == [str(desk), "key of desk", "row of desk", "page of desk"], site.log()
    assert digest(desk) == before


def test_a_project_that_runs_by_its_own_manage(desk: Path, run_folder: Path) -> None:
    """Its settings are loaded before the command runfcgi is."""
    plain = as_it_is(Said(folder=desk)).site
    text = (
        (desk / "desk" / "settings.py")
        .read_text()
        .replace("INSTALLED_APPS = []", 'INSTALLED_APPS = ["django_runfcgi"]')
    )
    (desk / "desk" / "settings.py").write_text(text)
    with deploy("fastcgi-nginx", site=replace(plain, manage=desk / "manage.py")) as site:
        assert site.get("/folder/").text == str(desk)


@pytest.mark.parametrize("way", ["sites-lighttpd", "sites-modwsgi"])
def test_each_of_two_sites_has_its_own_folder(way: str, desk: Path, tmp_path: Path, run_folder: Path) -> None:
    other = project(tmp_path / "another", "another")
    sites = {"site": own(Said(folder=desk)).site, "other": own(Said(folder=other, name="other")).site}
    try:
        both = deploy(way, by="path", **({"mode": "daemon"} if "modwsgi" in way else {}), **sites)  # type: ignore[arg-type]
    except NotHere as reason:
        pytest.skip(str(reason))
    with both:
        assert [both.get(f"/{place}/folder/").text for place in ("news", "shop")] == [str(desk), str(other)]


@pytest.mark.parametrize(
    ("way", "options"), [("sites-modpython", {}), ("sites-modwsgi", {"mode": "embedded", "mpm": "prefork"})]
)
def test_two_projects_in_one_process_have_neither(
    way: str, options: dict[str, str], desk: Path, tmp_path: Path, run_folder: Path
) -> None:
    """A process has one working folder: with the first site's, the second would read the first one's files without a word."""
    other = project(tmp_path / "another", "another")
    sites = {"site": own(Said(folder=desk)).site, "other": own(Said(folder=other, name="other")).site}
    with pytest.raises(StartError, match=r"TemplateDoesNotExist|desk\.txt"):
        deploy(way, by="path", **options, **sites).start()  # type: ignore[arg-type]
    for folder in (desk, other):
        text = (folder / "desk" / "settings.py").read_text().replace('open(".env").read().strip()', '"x"')
        (folder / "desk" / "settings.py").write_text(text)
    (other / "desk" / "urls.py").write_text(URLS.replace("os.getcwd())),", 'os.getcwd() + " of the other")),'))
    sites = {name: replace(site, ready="/folder/") for name, site in sites.items()}
    with deploy(way, by="path", workers=1, **options, **sites) as both:  # type: ignore[arg-type]
        where = str(both.folder.path)  # Apache's own
        # Each is its own project nonetheless, though their packages have one name
        said = [both.get(f"/{place}/folder/").text for place in ("news", "shop", "news")]
        assert said == [where, f"{where} of the other", where]


@pytest.fixture
def cores() -> Iterator[None]:
    """As in a shell where core files are wanted. Skips where this system allows none, or hands them to a program."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    pattern = Path("/proc/sys/kernel/core_pattern")
    if hard == 0 or (pattern.exists() and pattern.read_text().startswith(("|", "/"))):
        pytest.skip("no core file would be written into a working folder here")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.parametrize("way", ["gunicorn", "cgi-lighttpd", "modpython-apache"])
@pytest.mark.usefixtures("cores")
def test_a_process_that_crashes_leaves_no_core_in_the_project(way: str, desk: Path, run_folder: Path) -> None:
    before = digest(desk)
    with deploy(way, site=replace(own(Said(folder=desk)).site, ready="/folder/")) as site:
        try:
            site.get("/abort/", timeout=10)
        except OSError:
            pass
        assert site.get("/folder/").status in (200, 500, 502, 503)
    assert digest(desk) == before
