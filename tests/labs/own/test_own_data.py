"""Where a project can keep data, kind by kind: moved to the run's folder, replaced, or refused by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labs import deploy
from labs.apps.labs_own_site import caches, databases, logs, mail, paths, queues, storages, turn
from labs.apps.labs_own_site.places import Places
from labs.errors import NotProvedError, OptionError, StartError
from labs.own import shield
from labs.own.find import Said, own

HERE = Path("/srv/shop")
PLACES = Places(Path("/run/site-shop"), Path("/run"), (str(HERE),), "hook", copied=("media", "static"))
SETTINGS = """
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "x"
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop"]
DATABASES = {}
"""
URLS = """
from django.http import HttpResponse
from django.urls import path

def page(request):
    return HttpResponse("answered")

urlpatterns = [path("", page)]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop project"
    (folder / "shop").mkdir(parents=True)
    for name, text in {"settings": SETTINGS, "urls": URLS, "__init__": "", "models": ""}.items():
        (folder / "shop" / f"{name}.py").write_text(text)
    return folder


def add(shop: Path, **more: str) -> Said:
    """Lines for its modules; what is then said of it."""
    for module, text in more.items():
        with (shop / "shop" / f"{module}.py").open("a") as file:
            file.write("\n" + text + "\n")
    return Said(folder=shop, settings="shop.settings")


def names(shop: Path) -> list[str]:
    return sorted(str(path.relative_to(shop)) for path in shop.rglob("*"))


IN_MEMORY = [
    ":memory:",
    "file::memory:",
    "file:x?mode=memory",
    "file:x?cache=shared&mode=memory",
    "file:/x?vfs=memdb",
    "file:",
]
FILES = {
    "/srv/memory-game/db.sqlite3": "/srv/memory-game/db.sqlite3",
    "/srv/mode=memory/db.sqlite3": "/srv/mode=memory/db.sqlite3",
    "/srv/a?mode=memory": "/srv/a?mode=memory",
    "/srv/:MEMORY:": "/srv/:MEMORY:",
    "/srv/:memory:": "/srv/:memory:",
    "FILE:/x?mode=memory": f"{Path.cwd()}/FILE:/x?mode=memory",
    "file:/srv/a%20b.db?mode=rwc": "/srv/a b.db",
    "file:///srv/memory.db": "/srv/memory.db",
    "file:/srv/a.db?mode=memory&mode=rwc": "/srv/a.db",
    "memory.db": f"{Path.cwd()}/memory.db",
}


@pytest.mark.parametrize("name", IN_MEMORY)
def test_a_database_in_memory_is_what_sqlite_takes_for_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.chdir(tmp_path)
    assert databases.file_of(name) is None
    sqlite3.connect(name, uri=True).execute("CREATE TABLE t (x)").close()
    assert not list(tmp_path.iterdir()) or name == "file:"


@pytest.mark.parametrize("name", FILES)
def test_any_other_is_a_file_whatever_its_name(name: str) -> None:
    assert databases.file_of(name) == FILES[name]
    assert databases.file_of(Path("/srv/memory-game/db")) == "/srv/memory-game/db"


def test_a_copy_is_opened_in_the_same_way() -> None:
    assert (
        databases.renamed("file:/srv/a.db?mode=ro&cache=shared", "/run/a b.db")
        == "file:/run/a%20b.db?mode=ro&cache=shared"
    )
    assert databases.renamed("/srv/a?b", "/run/a.db") == "/run/a.db"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (HERE / "media" / "uploads", Path("/run/site-shop/media/uploads")),
        (str(HERE / "media") + "/", "/run/site-shop/media/"),
        ([{"OPTIONS": {"location": str(HERE / "media/x")}}], [{"OPTIONS": {"location": "/run/site-shop/media/x"}}]),
        (("/srv/shop/media/../media/a",), ("/run/site-shop/media/a",)),
        ("/srv/shop/media-of-others", None),
        ("/srv/shop/mediax", None),
        ("https://cdn.example/srv/shop/media/", None),
        ("/srv/shop", None),
    ],
)
def test_what_lies_below_a_moved_folder_moves_with_it(value: Any, expected: Any) -> None:
    found = paths.moved({"THEIRS": value}, str(HERE / "media"), PLACES.folder / "media")
    assert found == ({} if expected is None else {"THEIRS": expected})


@pytest.mark.parametrize("guard", ["overlay", "hook"])
def test_a_root_of_a_single_word_is_moved_too_and_no_other_word_of_that_spelling(guard: str) -> None:
    places = PLACES._replace(guard=guard, copied=("media", "static"))
    theirs = {"MEDIA_ROOT": "media", "STATIC_ROOT": "static", "TEMPLATE": "media"}
    turned = turn.turned(theirs, places, {}).settings
    assert (turned["MEDIA_ROOT"], turned["STATIC_ROOT"]) == ("/run/site-shop/media", "/run/site-shop/static")
    assert "TEMPLATE" not in turned


class Lazy:
    """A value that may not be asked before its time, such as reverse_lazy's: it says what it stands for, and fails."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"it was asked for {name}")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it was compared")

    def __ne__(self, other: object) -> bool:
        raise AssertionError("it was compared")

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise AssertionError("it was asked whether it is true")

    def __str__(self) -> str:
        raise AssertionError("it was made text")


def test_no_lazy_setting_is_asked_what_it_stands_for() -> None:
    lazy = Lazy()
    theirs = {
        "LOGIN_URL": lazy,
        "MENU": [{"url": lazy}, (lazy,)],
        "MEDIA_ROOT": str(HERE / "media"),
        "STATIC_ROOT": HERE / "static",
    }
    turned = turn.turned(theirs, PLACES, {}).settings
    assert "LOGIN_URL" not in turned
    assert turned["MEDIA_ROOT"] == "/run/site-shop/media"


def test_mail_is_files_in_either_form() -> None:
    old = mail.turned({"EMAIL_HOST": "mail.example"}, PLACES)
    assert (old["EMAIL_BACKEND"], old["EMAIL_FILE_PATH"]) == (mail.FILES, "/run/site-shop/mail")
    new = mail.turned({"MAILERS": {"default": {"BACKEND": mail.SMTP}, "bulk": {"BACKEND": "a.b"}}}, PLACES)
    assert set(new) == {"MAILERS"}  # Django 6.1 refuses the old names beside it
    assert {one["BACKEND"] for one in new["MAILERS"].values()} == {mail.FILES}
    queued = mail.turned({"MAILER_EMAIL_BACKEND": mail.SMTP}, PLACES)
    assert queued["MAILER_EMAIL_BACKEND"] == mail.FILES


@pytest.mark.parametrize(
    "backend", ["django.core.cache.backends.redis.RedisCache", "django_redis.cache.RedisCache", "shop.Own"]
)
def test_a_cache_in_a_server_becomes_files_of_the_run(backend: str) -> None:
    theirs = {"default": {"BACKEND": backend, "LOCATION": "redis://cache", "TIMEOUT": 9, "OPTIONS": {"x": 1}}}
    found, said = caches.turned(theirs, PLACES)
    assert found is not None
    assert found["default"]["BACKEND"] == caches.FILES
    assert found["default"]["LOCATION"] == "/run/site-shop/cache/default"
    assert found["default"]["TIMEOUT"] == 9
    assert "cache default" in said[0]
    memcached, said = caches.turned(
        {**theirs, "b": theirs["default"]}, PLACES._replace(cache="memcached://127.0.0.1:1")
    )
    assert memcached is not None
    assert {one["LOCATION"] for one in memcached.values()} == {"127.0.0.1:1"}
    assert "KEY_PREFIX" in memcached["b"]


def test_logs_of_one_name_stay_apart_and_none_leave() -> None:
    handlers = {
        "a": {"class": "logging.FileHandler", "filename": HERE / "a" / "x.log"},
        "b": {"class": "logging.handlers.RotatingFileHandler", "filename": "b/x.log", "maxBytes": 5},
        "c": {"class": "concurrent_log_handler.ConcurrentRotatingFileHandler", "filename": "c.log", "maxBytes": 5},
        "d": {"class": "logging.handlers.SMTPHandler", "mailhost": "mail", "level": "ERROR"},
        "e": {"class": "django.utils.log.AdminEmailHandler", "email_backend": mail.SMTP},
        "f": {"()": "shop.logs.Sender", "url": "https://logs.example"},
    }
    config, said = logs.turned({"handlers": handlers}, PLACES)
    found = config["handlers"]
    assert [found[name].get("filename") for name in "abc"] == [
        f"/run/site-shop/log/{n}" for n in ("x.log", "b-x.log", "c.log")
    ]
    assert found["b"]["maxBytes"] == 5
    assert found["c"]["class"] == "logging.FileHandler"
    assert (found["d"], found["f"]) == ({"level": "ERROR", "class": logs.STREAM}, {"class": logs.STREAM})
    assert "email_backend" not in found["e"]
    assert [line.partition(":")[0] for line in said] == ["log d", "log f"]


def test_queues_reach_nobody() -> None:
    found, said = queues.turned(
        {
            "CELERY_BROKER_URL": "redis://queue",
            "CELERY_RESULT_BACKEND": "redis://queue",
            "BROKER_URL": "amqp://queue",
            "CHANNEL_LAYERS": {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}},
            "TASKS": {
                "default": {"BACKEND": "django_rq.Backend"},
                "now": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"},
            },
        }
    )
    assert {found["CELERY_BROKER_URL"], found["BROKER_URL"]} == {"memory://"}
    assert found["CELERY_RESULT_BACKEND"] == "cache+memory://"
    assert found["CHANNEL_LAYERS"] == {"default": {"BACKEND": queues.IN_MEMORY}}
    assert found["TASKS"]["default"]["BACKEND"] == "django.tasks.backends.dummy.DummyBackend"
    assert found["TASKS"]["now"]["BACKEND"].endswith("ImmediateBackend")
    assert len(said) == 4
    assert queues.addresses({"SEARCH": {"hosts": ["elasticsearch://a"]}, "TITLE": "redis is fast"}) == ["SEARCH"]


BUCKET = """
from django.apps import apps
from django.core.files.storage import FileSystemStorage, Storage
assert apps.models_ready, "it was loaded before its time"
class Bucket(Storage):
    def __init__(self, bucket): ...
class Folder(FileSystemStorage):
    theirs = True
"""
STORED = """
from django.core.files.storage import storages
from django.core.files.base import ContentFile
def stored(request):
    kept = storages["default"].save("a.txt", ContentFile(b"x"))
    return HttpResponse(f"{kept} {storages['default'].path(kept)} {storages['private'].theirs}")
urlpatterns.append(path("stored/", stored))
"""


@pytest.mark.servers
def test_an_object_store_becomes_a_folder_and_a_folder_stays_what_it_is(shop: Path, run_folder: Path) -> None:
    stores = (
        "STORAGES = {'default': {'BACKEND': 'shop.bucket.Bucket', 'OPTIONS': {'bucket': 'theirs'}}, "
        "'private': {'BACKEND': 'shop.bucket.Folder', 'OPTIONS': {'location': BASE_DIR / 'private'}}, "
        "'staticfiles': {'BACKEND': 'shop.bucket.Bucket', 'OPTIONS': {'bucket': 'theirs'}}}"
    )
    chosen = own(add(shop, settings=stores, bucket=BUCKET, urls=STORED))
    assert any("storage default: shop.bucket.Bucket" in note for note in chosen.notes)
    with deploy("gunicorn", site=chosen.site, workers=1) as running:
        assert running.get("/stored/").text == f"a.txt {running.folder / 'site-shop/storage/Bucket/a.txt'} True", (
            running.log()
        )


@pytest.mark.servers
def test_a_project_that_names_no_default_storage_runs(shop: Path, run_folder: Path) -> None:
    stores = "STORAGES = {'staticfiles': {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}}"
    with deploy("gunicorn", site=own(add(shop, settings=stores)).site, workers=1) as running:
        assert running.get("/").text == "answered"


def test_the_older_names_of_storages_are_turned_too() -> None:
    old, _ = storages.turned(
        {"DEFAULT_FILE_STORAGE": "shop.Bucket", "STATICFILES_STORAGE": storages.STATIC + "X"}, PLACES
    )
    assert set(old) == {"DEFAULT_FILE_STORAGE"}


# What a project adds -> words of the refusal
REFUSED = {
    "a database of another engine": (
        {"settings": "DATABASES = {'far': {'ENGINE': 'django.db.backends.mysql', 'NAME': 'theirs', 'HOST': 'db'}}"},
        r"far \(mysql at db\)",
    ),
    "SQLite by code of its own": (
        {
            "settings": "DATABASES = {'s3': {'ENGINE': 'shop.engine', 'NAME': 'theirs'}}",
            "engine": "",
        },
        r"s3 \(engine; it cannot be loaded",
    ),
    "a database that opens more": (
        {
            "settings": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'a.db', "
            "'OPTIONS': {'init_command': 'ATTACH DATABASE \"/srv/b.db\" AS b'}}}"
        },
        "ATTACH",
    ),
    "a session store of its own": (
        {"settings": "SESSION_ENGINE = 'shop.store'", "store": "class SessionStore: pass"},
        "SESSION_ENGINE shop.store: it keeps sessions in a way of its own",
    ),
    "a field that names a folder": (
        {
            "models": "from django.db import models\nfrom django.core.files.storage import FileSystemStorage\n"
            "class Photo(models.Model):\n    file = models.FileField(storage=FileSystemStorage(location='/srv/photos'))"
        },
        "shop.Photo.file: /srv/photos",
    ),
    "a field with a store of its own": (
        {
            "models": "from django.db import models\nfrom django.core.files.storage import Storage\n"
            "class Bucket(Storage):\n    def deconstruct(self): return ('shop.models.Bucket', (), {})\n"
            "class Photo(models.Model):\n    file = models.FileField(storage=Bucket())"
        },
        "shop.Photo.file: shop.models.Bucket keeps files elsewhere",
    ),
    "a log over the network": (
        {
            "settings": "import logging, logging.handlers\nlogging.getLogger().addHandler(logging.handlers.SocketHandler('127.0.0.1', 9))"
        },
        "SocketHandler sends lines elsewhere",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_proved_is_refused_by_name(shop: Path, run_folder: Path, case: str) -> None:
    more, words = REFUSED[case]
    before = names(shop)
    said = add(shop, **more)
    with pytest.raises(OptionError, match=words):
        deploy("gunicorn", site=own(said).site, workers=1).start()
    assert sorted({*before, *(f"shop/{module}.py" for module in more)}) == names(shop)
    assert not list(run_folder.glob("*")), "its folder is left"


@pytest.mark.servers
def test_the_processes_that_serve_prove_it_for_themselves(
    shop: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look before the start may be of another day: a server that is started without it refuses too."""
    more, words = REFUSED["a field that names a folder"]
    monkeypatch.setattr("labs.own.proof.prove", lambda *_: None)
    with pytest.raises(StartError, match=words):
        deploy("gunicorn", site=own(add(shop, **more)).site, workers=1).start()


MADE = "(BASE_DIR / 'made at import').mkdir(exist_ok=True)"


@pytest.mark.servers
@pytest.mark.skipif(shield.here()[0] != "overlay", reason="no overlay on this system")
def test_a_project_that_makes_folders_as_it_loads_runs(shop: Path, run_folder: Path) -> None:
    said = add(shop, settings=MADE)
    before = names(shop)
    with deploy("gunicorn", site=own(said).site, workers=1) as running:
        assert running.get("/").text == "answered"
        assert (running.folder / "written" / "project-0" / "upper" / "made at import").is_dir()
    assert names(shop) == before


def test_without_an_overlay_it_is_told_what_it_would_have_made(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shield.ASKED, "hook")
    said = add(shop, settings=MADE)
    before = names(shop)
    with pytest.raises(OptionError, match=r"(?s)not written.*made at import"):
        own(said)
    assert names(shop) == before


# What a page does -> what a visitor and the log see of it under the audit hook
PAGES = {
    "another program": ("import subprocess; subprocess.run(['true'])", "another program is not started"),
    "a relative path": ("open('new.txt', 'w')", "new.txt"),
    "a handle of a folder": ("import os; os.unlink('urls.py', dir_fd=os.open('shop', os.O_RDONLY))", "urls.py"),
    "a link that leads there": (
        "import os; d = os.environ['TMPDIR']; os.symlink(os.getcwd(), d + '/l'); open(d + '/l/x', 'w')",
        "/l/x",
    ),
    "a connection": ("import socket; socket.create_connection(('127.0.0.1', 9))", "127.0.0.1:9 is not reached"),
    "a datagram": (
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "127.0.0.1:9 is not",
    ),
}


@pytest.mark.servers
def test_a_page_that_writes_or_asks_elsewhere_is_refused_by_name(
    shop: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shield.ASKED, "hook")
    views = [
        f"def page_{n}(request):\n    {code}\n    return HttpResponse('done')"
        for n, (code, _) in enumerate(PAGES.values())
    ]
    routes = "urlpatterns += [" + ", ".join(f"path('{n}/', page_{n})" for n in range(len(PAGES))) + "]"
    said = add(shop, urls="\n".join([*views, routes]))
    before = names(shop)
    with deploy("gunicorn", site=own(said).site, workers=1) as running:
        for number, (_, words) in enumerate(PAGES.values()):
            assert running.get(f"/{number}/").status == 500
            assert words in running.log(), list(PAGES)[number]
        assert running.get("/").status == 200
    assert names(shop) == before


@pytest.mark.servers
def test_what_is_copied_is_said_and_nothing_starts(shop: Path, run_folder: Path) -> None:
    (shop / "media").mkdir()
    (shop / "media" / "a.txt").write_text("x" * 2000)
    add(shop, settings="MEDIA_ROOT = BASE_DIR / 'media'\nMEDIA_URL = '/media/'")
    command = ["-m", "labs", "up", "gunicorn", "--site", str(shop), "--settings", "shop.settings", "--dry-run"]
    said = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    assert f"media: a copy of {shop / 'media'} (2 kB), in site-shop/media" in said.stdout
    assert "guard: " in said.stdout
    assert said.stdout.endswith("Nothing was started.\n")
    program = subprocess.run(
        [sys.executable, *command, "--json"], capture_output=True, text=True, timeout=60, check=False
    )
    assert any(line.startswith("media: a copy of") for line in json.loads(program.stdout)["project"])


def test_deployments_do_not_lie_in_a_project(shop: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "labs",
        "up",
        "gunicorn",
        "--site",
        str(shop),
        "--settings",
        "shop.settings",
        "--dry-run",
    ]
    environment = {**os.environ, "LABS_RUN_FOLDER": str(shop / "run")}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 2
    assert "LABS_RUN_FOLDER=/another/folder" in said.stderr
    assert not (shop / "run").exists()


def test_not_proved_is_wrong_use() -> None:
    assert issubclass(NotProvedError, OptionError)
