"""A project that writes wherever a project can write: nothing of that reaches its own folder."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labs import deploy
from labs.errors import LabError, OptionError, StartError
from labs.own import changes, copies, shield
from labs.own.find import Said, as_it_is, own
from labs.own.layout import of_server
from labs.own.packages import lent
from labs.servers.machine import Machine

if TYPE_CHECKING:
    from labs.site import Site

# What a configuration, a shell or systemd could take for something else
KEY = 'x y"z\\$HOME %h `#1'

SETTINGS = """
import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SHOP_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["shop.example"]
SECURE_SSL_REDIRECT = True
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": BASE_DIR / "cache"}}
EMAIL_HOST = "mail.invalid"
MEDIA_ROOT = BASE_DIR / "media"
MEDIA_URL = "/media/"
STATIC_ROOT = str(BASE_DIR / "static")
STATIC_URL = "/static/"
THUMBNAILS = MEDIA_ROOT
LOGGING = {
    "version": 1,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": BASE_DIR / "shop.log"}},
    "root": {"handlers": ["file"], "level": "INFO"},
}
"""
URLS = """
import logging
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.base import ContentFile
from django.core.mail import send_mail
from django.http import HttpResponse
from django.urls import path
from django.contrib.auth.models import User

def busy(request):
    request.session["seen"] = True
    User.objects.create(username=f"reader-{User.objects.count()}")
    cache.set("key", "value")
    default_storage.save("thumbnail.txt", ContentFile(b"new"))
    (settings.THUMBNAILS / "other.txt").write_text("new")
    send_mail("Order", "Thank you", "shop@example.com", ["reader@example.com"])
    logging.getLogger("shop").info("ordered")
    return HttpResponse(f"{User.objects.count()} readers, {settings.SETTINGS_MODULE}, {settings.SECRET_KEY}")

urlpatterns = [path("", busy), path("fails/", lambda request: 1 / 0)]
"""
# As some projects do: the settings are not left to the environment.
WSGI = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The project, migrated, with a database that keeps a write-ahead log, and files of both kinds."""
    folder = tmp_path / "my shop"
    for name, text in {"settings": SETTINGS, "urls": URLS, "wsgi": WSGI, "__init__": ""}.items():
        (folder / "shop").mkdir(parents=True, exist_ok=True)
        (folder / "shop" / f"{name}.py").write_text(text)
    for name in ("media", "static"):
        (folder / name).mkdir()
        (folder / name / "a.txt").write_text(f"{name}\n")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings", "PYTHONPATH": str(folder), "SHOP_KEY": "x"}
    command = [sys.executable, "-B", "-m", "django", "migrate", "-v0"]
    subprocess.run(command, env=environment, cwd=folder, check=True, timeout=60)
    with sqlite3.connect(folder / "db.sqlite3") as database:
        database.execute("PRAGMA journal_mode=WAL")
    return folder


def said(folder: Path, **more: object) -> Said:
    return Said(folder=folder, settings="shop.settings", env=(f"SHOP_KEY={KEY}",), **more)  # type: ignore[arg-type]


def digest(folder: Path) -> str:
    """Of every name, time and byte below a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        total.update(f"{path.relative_to(folder)} {path.lstat().st_mtime_ns}".encode())
        if path.is_file():
            total.update(path.read_bytes())
    return total.hexdigest()


@pytest.mark.servers
@pytest.mark.parametrize(
    "name",
    [
        "gunicorn",
        "gunicorn-nginx",
        "fastcgi-nginx",
        "fastcgi-lighttpd",
        "fastcgi-apache",
        "cgi-lighttpd",
        "modpython-apache",
        "modwsgi-apache",
    ],
)
def test_nothing_is_written_into_the_project(shop: Path, run_folder: Path, name: str) -> None:
    before = digest(shop)
    with deploy(name, site=own(said(shop)).site) as site:
        answer = site.get("/")
        assert answer.text.endswith(f"readers, labs_own_site.settings, {KEY}"), site.log()
        if name != "gunicorn":
            assert [site.get(f"/{each}/a.txt").text for each in ("media", "static")] == ["media\n", "static\n"]
        inside = site.folder / "site-shop"
        assert {path.name for path in inside.iterdir()} == {"cache", "database", "log", "mail", "media", "static"}
        assert (inside / "media" / "thumbnail.txt").read_text() == "new"
        assert list((inside / "mail").iterdir())
    assert digest(shop) == before


@pytest.mark.servers
@pytest.mark.parametrize("rung", [1, 4])
def test_nothing_is_written_into_the_project_from_machines(shop: Path, run_folder: Path, rung: int) -> None:
    """Whose view of the file system lies within the user namespace of the machines, for an ordinary user."""
    before = digest(shop)
    machines = {"gunicorn": Machine(name="app"), "nginx": Machine(name="web")}
    with deploy("gunicorn-nginx", site=own(said(shop)).site, machines=machines, rung=rung) as site:
        assert site.get("/").text.endswith(f"readers, labs_own_site.settings, {KEY}"), site.log()
        assert site.get("/media/a.txt").text == "media\n"
        assert site.folder.guard == shield.here()[0].replace("audit ", "")
        assert (site.folder / "site-shop" / "media" / "thumbnail.txt").read_text() == "new"
    assert digest(shop) == before


@pytest.mark.servers
def test_its_own_database_with_consent(shop: Path, run_folder: Path) -> None:
    with deploy("fastcgi-nginx", site=own(said(shop, database="mine", confirm="db.sqlite3")).site) as site:
        assert site.folder.guard == "hook"
        site.get("/")
    with sqlite3.connect(shop / "db.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM auth_user").fetchone()[0] >= 1


@pytest.mark.servers
def test_what_fails_is_in_the_log(shop: Path, run_folder: Path) -> None:
    """Without DEBUG, Django's own logging would send it by mail."""
    with deploy("gunicorn", site=own(said(shop)).site) as site:
        assert site.get("/fails/").status == 500
        assert "ZeroDivisionError" in site.log()


@pytest.mark.servers
def test_its_cache_can_be_a_memcached_of_the_labs(shop: Path, run_folder: Path) -> None:
    with deploy("gunicorn", site=own(said(shop)).site, cache="memcached") as site:
        assert site.get("/").status == 200, site.log()
        assert not (site.folder / "site-shop" / "cache").exists()


def test_what_the_owner_is_told(shop: Path) -> None:
    notes = "\n".join(own(said(shop)).notes)
    assert f"database default: a copy of {shop / 'db.sqlite3'}" in notes
    assert f"static: a copy of {shop / 'static'}" in notes
    assert "SECURE_SSL_REDIRECT: off" in notes
    assert "your own, which your pages read and write" in "\n".join(
        own(said(shop, database="mine", confirm="db.sqlite3")).notes
    )


def test_for_a_server_it_keeps_its_own_settings(shop: Path) -> None:
    site: Site = as_it_is(said(shop)).site
    assert (site.settings, site.wsgi) == ("shop.settings", "shop.wsgi:application")
    assert (site.media, site.static, dict(site.copies)) == (shop / "media", shop / "static", {})


def test_for_a_server_it_runs_what_its_wsgi_names(shop: Path) -> None:
    """manage.py names the settings of a desk; --settings decides where it is said; the output says which, and why."""
    package = shop / "shop"
    (package / "prod.py").write_text("from .settings import *\nDEBUG = False\n")
    (shop / "manage.py").write_text('os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n')
    (package / "wsgi.py").write_text(WSGI.replace('"shop.settings"', '"shop.prod"'))
    env = ("SHOP_KEY=x",)
    chosen = as_it_is(Said(folder=shop, env=env))
    assert chosen.site.settings == "shop.prod"
    assert chosen.notes[0] == (
        "settings: shop.prod, which shop/wsgi.py names; manage.py names shop.settings, which --settings shop.settings takes"
    )
    said_so = as_it_is(Said(folder=shop, settings="shop.settings", env=env))
    assert said_so.site.settings == "shop.settings"
    assert said_so.notes[0].startswith("settings: shop.settings; shop/wsgi.py names shop.prod, which runs")
    with pytest.raises(OptionError, match=r"(?s)SHOP_KEY.*settings: shop\.prod, which shop/wsgi\.py names"):
        as_it_is(Said(folder=shop))
    # Where a lab runs it, it is the desk's
    assert own(Said(folder=shop, env=env)).site.environment["LABS_OWN_SETTINGS"] == "shop.settings"
    # The server's settings may be kept on the server
    (package / "wsgi.py").write_text('import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "shop_of_the_server"\n')
    absent = as_it_is(Said(folder=shop, env=env))
    assert absent.site.settings == "shop.settings"
    assert absent.notes[0].endswith("shop/wsgi.py names shop_of_the_server, which the project does not hold")
    (package / "wsgi.py").write_text("from django.core.wsgi import get_wsgi_application as application\n")
    assert as_it_is(Said(folder=shop, env=env)).notes[0] == "settings: shop.settings, which manage.py names"


def test_where_wsgi_is_looked_for(tmp_path: Path) -> None:
    """Beside the settings, in a package above, or the only one; --wsgi names it."""
    for file in ("config/wsgi.py", "other/asgi.py"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text('os.environ["DJANGO_SETTINGS_MODULE"] = "config.prod"')
    assert of_server(tmp_path) == ("config.prod", "config/wsgi.py")
    assert of_server(tmp_path, "other.asgi:application") == ("config.prod", "other/asgi.py")
    assert of_server(tmp_path, "other.nothing") is None
    (tmp_path / "manage.py").write_text('"DJANGO_SETTINGS_MODULE", "config.settings.dev"')
    assert of_server(tmp_path) == ("config.prod", "config/wsgi.py")
    (tmp_path / "other" / "wsgi.py").write_text('os.environ["DJANGO_SETTINGS_MODULE"] = "other.prod"')
    assert of_server(tmp_path) == ("config.prod", "config/wsgi.py")
    (tmp_path / "manage.py").unlink()
    assert of_server(tmp_path) is None


REFUSALS = {
    "no variable": ("", "SHOP_KEY", "--env SHOP_KEY=VALUE.*--env-file"),
    "database server": (
        "\nSHOP_KEY = 1\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': 'db'}}",
        "x",
        r"default \(postgresql at db\).*--database mine",
    ),
    "no urls": ("\nROOT_URLCONF = None", "x", "names no ROOT_URLCONF"),
    "no key": ("\nSECRET_KEY = ''", "x", "SECRET_KEY"),
    "asgi only": (
        "\nASGI_APPLICATION = 'shop.asgi.application'\nWSGI_APPLICATION = None",
        "no wsgi",
        "speak WSGI only",
    ),
    "a missing package": ("\nimport nothing_like_it", "x", "project's own Python"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_say_why(shop: Path, case: str) -> None:
    more, how, expected = REFUSALS[case]
    with (shop / "shop" / "settings.py").open("a") as settings:
        settings.write(more)
    if how == "no wsgi":
        (shop / "shop" / "wsgi.py").unlink()
    env = () if how == "SHOP_KEY" else ("SHOP_KEY=x",)
    with pytest.raises(OptionError, match=f"(?s){expected}"):
        own(Said(folder=shop, settings="shop.settings", env=env))


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"env": ("SHOP KEY=x",)}, "NAME=VALUE"),
        ({"database": "yours"}, "copy, or mine"),
        ({"database": "mine"}, "--confirm db.sqlite3"),
        ({"database": "mine", "confirm": "yes"}, "--confirm db.sqlite3"),
        ({"page": "shop/"}, "from the root"),
        ({"wsgi": "shop.nothing:application"}, "finds no module"),
        ({"media": Path("nowhere")}, "no such folder"),
    ],
)
def test_wrong_words(shop: Path, wrong: dict[str, object], expected: str) -> None:
    with pytest.raises(OptionError, match=expected):
        own(Said(**{"folder": shop, "settings": "shop.settings", "env": ("SHOP_KEY=x",), **wrong}))  # type: ignore[arg-type]


def test_a_database_is_copied_with_its_log(tmp_path: Path) -> None:
    """Rows that are still in the write-ahead log come along, and nothing is written beside the original."""
    source = tmp_path / "mine" / "db.sqlite3"
    source.parent.mkdir()
    writer = sqlite3.connect(source, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE t (x)")
    writer.execute("INSERT INTO t VALUES (1)")
    before = digest(source.parent)
    copies.copy(source, tmp_path / "copy" / "db.sqlite3")
    assert digest(source.parent) == before
    assert sqlite3.connect(tmp_path / "copy" / "db.sqlite3").execute("SELECT x FROM t").fetchall() == [(1,)]
    writer.close()


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    source = tmp_path / "db.sqlite3"
    source.write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    with pytest.raises(LabError, match="changing while it is copied, or it is damaged"):
        copies.copy(source, tmp_path / "copy.sqlite3")


def test_only_what_is_lacking_is_lent() -> None:
    assert [folder.name.partition("-")[0] for folder in lent({"gunicorn": True, "packaging": True}, (3, 12))] == [
        "flup",
        "pymemcache",
    ]
    assert not [
        folder for folder in lent({}, (3, 6)) if folder.name.startswith("gunicorn")
    ]  # it is not for that Python


def test_changes_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("")
    watch = changes.Watch([tmp_path])
    assert changes.described(watch.changed()) == "Nothing in your project's folder changed."
    (tmp_path / "b.log").write_text("new")
    (tmp_path / ".venv" / "c.pyc").write_text("not the project's")
    assert watch.changed() == ["b.log"]


def test_a_change_that_hides_its_time_is_told(tmp_path: Path) -> None:
    """The size and the time of the last change can be put back; when that was done, cannot."""
    (file := tmp_path / "a.py").write_text("1")
    watch = changes.Watch([tmp_path])
    times = file.stat()
    file.write_text("2")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert watch.changed() == ["a.py"]


def test_what_a_look_at_the_settings_changed_is_told(tmp_path: Path) -> None:
    (project := tmp_path / "shop").mkdir()
    (elsewhere := tmp_path / "media").mkdir()
    before = changes.state(project)
    (project / "made by the settings").mkdir()
    (project / "made by the settings" / "key").write_text("x")
    watch = changes.Watch([project, project / "made by the settings", elsewhere], earlier=before)
    (elsewhere / "new").write_text("x")
    assert watch.changed() == [str(elsewhere / "new"), "made by the settings/key"]


def test_what_the_reader_allowed_is_no_change(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite3"
    watch = changes.Watch([tmp_path, database], [database])
    for end in ("", "-wal", "-shm"):
        Path(f"{database}{end}").write_text("rows")
    assert watch.changed() == []


def test_two_sites_of_one_name_have_two_folders(shop: Path) -> None:
    first, second = own(said(shop)).site, own(said(shop, name="other")).site
    assert not set(first.copies) & set(second.copies)
    assert second.environment["LABS_OWN_FOLDER"] == "{folder}/site-other"


def test_two_projects_answer_to_the_usual_names(shop: Path, run_folder: Path) -> None:
    """Their settings know nothing of news.test and shop.test; and one that does not answer is told by its own settings."""
    first, second = own(said(shop)).site, own(said(shop, name="other")).site
    with deploy("sites-nginx", site=first, other=second) as both:
        for host in ("news.test", "shop.test"):
            assert both.get("/", headers={"Host": host}).status == 200
    nowhere = own(said(shop, name="other", page="/no-such-page/")).site
    with pytest.raises(StartError, match=r"came up, but shop\.settings did not: 404 for /no-such-page/"):
        deploy("sites-nginx", site=first, other=nowhere).start()
