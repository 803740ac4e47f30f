"""Django projects drawn at random, each with places to write to wherever a project can have them, and a page that writes to all."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

# What the page does, by name; each gives back nothing, or raises. `names` is what the settings tell the page.
VIEWS = """
import json, logging, os, time
from pathlib import Path
from django.conf import settings
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.mail import send_mail
from django.db import connections
from django.http import JsonResponse
from django.urls import path

def database(alias):
    with connections[alias].cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS written (x)")
        cursor.execute("INSERT INTO written VALUES (1)")

def storage(alias):
    from django.core.files.storage import storages
    storages[alias].save("new/file.txt", ContentFile(b"new"))

def field(name):
    from shop.models import Photo
    Photo._meta.get_field(name).storage.save("new.txt", ContentFile(b"new"))

def cache(alias):
    caches[alias].set("key", "value", 60)
    assert caches[alias].get("key") == "value", "what was set is not there"

def file(path):
    Path(path).write_text("new")

def remove(path):
    os.remove(path)

def rename(path):
    if not os.path.exists(path):  # the page has been asked before
        open(path, "w").close()
    os.rename(path, path + ".old")

def folder(path):
    os.mkdir(f"{path}-{time.time_ns()}")

def connect(path):
    import sqlite3
    with sqlite3.connect(path) as opened:
        opened.execute("CREATE TABLE IF NOT EXISTS written (x)")

def mail(_):
    send_mail("Order", "Thank you", "shop@example.com", ["reader@example.com"])

def log(_):
    logging.getLogger("shop").warning("ordered")

def busy(request):
    said = {}
    for number, (what, argument) in enumerate(settings.WRITES):
        try:
            globals()[what](argument)
            said[str(number)] = ""
        except Exception as error:
            said[str(number)] = f"{type(error).__name__}: {error}"
    try:
        request.session["seen"] = True
        request.session.save()
        said["session"] = ""
    except Exception as error:
        said["session"] = f"{type(error).__name__}: {error}"
    return JsonResponse(said)

urlpatterns = [path("", busy)]
"""
BASE = """
import os
from pathlib import Path
from django.urls import reverse_lazy
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "x"
ROOT_URLCONF = "shop.urls"
LOGIN_URL = reverse_lazy("nowhere")
INSTALLED_APPS = ["shop"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
"""


@dataclass
class Project:
    """One that was drawn.

    folder   what --site names; top is where its files are, which may be another path
    outside  a folder beside it that its settings may lead to
    writes   what the page does
    refused  words that a refusal must hold; empty where it must run
    barred   numbers of writes that must fail, whatever the guard
    own      numbers of writes by a path of its own below the project: they succeed under an overlay, and fail by name elsewhere
    """

    folder: Path
    top: Path
    outside: Path
    settings: list[str] = field(default_factory=list)
    writes: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    barred: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)
    fields: list[str] = field(default_factory=list)

    def write(self, what: str, argument: str = "") -> int:
        self.writes.append((what, argument))
        return len(self.writes) - 1


def draw(chance: random.Random, base: Path) -> Project:
    """A project below `base`, with its files."""
    name = chance.choice(["shop", "memory-game", "my shop", "mode=memory", "Ünï", "a.b", "deep/er/shop", "it's", "50%"])
    top = base / "projects" / name
    outside = base / "outside"
    (top / "shop").mkdir(parents=True)
    outside.mkdir()
    (outside / "theirs.txt").write_text("theirs")
    (top / "theirs.txt").write_text("theirs")
    project = Project(folder=top, top=top, outside=outside, settings=[BASE])
    for part in (databases, media, fields, caches, sessions, logs, mail, imports, paths):
        part(chance, project)
    if chance.random() < 0.2:
        (base / "link").symlink_to(top)
        project.folder = base / "link"
    if chance.random() < 0.2 and os.geteuid() == 0:
        for path in chance.sample(sorted(top.rglob("*")), 2):
            os.chown(path, 12345, 12345, follow_symlinks=False)
    project.settings.append(f"WRITES = {project.writes!r}")
    (top / "shop" / "__init__.py").write_text("")
    (top / "shop" / "settings.py").write_text("\n".join(project.settings))
    (top / "shop" / "urls.py").write_text(VIEWS)
    (top / "shop" / "models.py").write_text(models(project))
    return project


def models(project: Project) -> str:
    lines = [f"    {name}" for name in project.fields] or ["    pass"]
    top = "from pathlib import Path\nfrom django.conf import settings\nfrom django.core.files.storage import FileSystemStorage\n"
    return "\n".join([top, "from django.db import models", "class Photo(models.Model):", *lines])


def place(chance: random.Random, project: Project, name: str, *, file: bool = False) -> tuple[str, Path]:
    """A place of the project's or beside it, as settings write it, and where it is."""
    top, outside = project.top, project.outside
    nested = chance.choice([name, f"var/www/{name}", f"memory/{name}"])
    kind = chance.choice(["path", "text", "relative", "outside", "link", "slash"])
    if kind == "outside":
        return repr(str(outside / name)), outside / name
    if kind == "link":
        (there := outside / f"linked-{name}").mkdir(exist_ok=True)
        link = top / f"link-{name}"
        if not link.exists():
            link.symlink_to(there)
        inside = f"link-{name}/{name}" if file else f"link-{name}"
        return f"BASE_DIR / {inside!r}", top / inside
    (top / nested).parent.mkdir(parents=True, exist_ok=True)
    if kind == "relative":
        return repr(nested), top / nested
    if kind == "text" or file:
        return f"str(BASE_DIR / {nested!r})", top / nested
    return (f"str(BASE_DIR) + '/{nested}/'" if kind == "slash" else f"BASE_DIR / {nested!r}"), top / nested


def filled(chance: random.Random, folder: Path) -> None:
    """A folder with something in it, or empty, or not there."""
    kind = chance.choice(["filled", "filled", "empty", "none"])
    if kind != "none":
        folder.mkdir(parents=True, exist_ok=True)
    if kind == "filled":
        (folder / "new").mkdir(exist_ok=True)
        (folder / "new" / "file.txt").write_text("theirs")


def databases(chance: random.Random, project: Project) -> None:
    entries = {}
    for alias in ["default", "other"][: chance.choice([1, 1, 2])]:
        said, file = place(
            chance,
            project,
            chance.choice(["db.sqlite3", "Memory.db", ":MEMORY:", "a?mode=memory", "b#1.db"]),
            file=True,
        )
        form = chance.choice(["plain"] * 4 + ["uri", "memory", "shared memory"])
        if form == "uri" and not set("?#%") & set(str(file)):
            said = f"'file:' + os.path.abspath({said}) + '?mode=rwc'"
        elif form == "memory":
            said, file = "':memory:'", None  # type: ignore[assignment]
        elif form == "shared memory":
            said, file = f"'file:{alias}?mode=memory&cache=shared'", None  # type: ignore[assignment]
        if file is not None and chance.random() < 0.8:
            with sqlite3.connect(file) as opened:
                opened.execute(chance.choice(["PRAGMA journal_mode=WAL", "PRAGMA journal_mode=DELETE"]))
                opened.execute("CREATE TABLE IF NOT EXISTS theirs (x)")
            opened.close()
        entries[alias] = f"{{'ENGINE': 'django.db.backends.sqlite3', 'NAME': {said}}}"
        project.write("database", alias)
    if chance.random() < 0.05:
        entries["far"] = "{'ENGINE': 'django.db.backends.postgresql', 'NAME': 'theirs', 'HOST': '127.0.0.1'}"
        project.refused.append("far (postgresql at 127.0.0.1)")
    project.settings.append("DATABASES = {" + ", ".join(f"{a!r}: {e}" for a, e in entries.items()) + "}")


def media(chance: random.Random, project: Project) -> None:
    if chance.random() < 0.8:
        said, folder = place(chance, project, "media")
        project.settings.append(f"MEDIA_ROOT = {said}\nMEDIA_URL = '/media/'")
        filled(chance, folder)
        project.settings.append("THUMBNAILS = [{'ROOT': os.path.join(MEDIA_ROOT, 'thumbs')}]")
    else:
        project.settings.append("MEDIA_ROOT = ''")
    if chance.random() < 0.5:
        said, folder = place(chance, project, "static")
        filled(chance, folder)
        project.settings.append(f"STATIC_ROOT = {said}\nSTATIC_URL = '/static/'")
    stored = ["'default': {'BACKEND': 'django.core.files.storage.FileSystemStorage'}"]
    stored.append("'staticfiles': {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}")
    project.write("storage", "default")
    for alias in chance.sample(["private", "invoices"], chance.choice([0, 1, 2])):
        if chance.random() < 0.4:
            said = f"os.path.join(MEDIA_ROOT or str(BASE_DIR / 'loose'), {alias!r})"
        else:
            said, folder = place(chance, project, alias)
            filled(chance, folder)
        stored.append(
            f"{alias!r}: {{'BACKEND': 'django.core.files.storage.FileSystemStorage', 'OPTIONS': {{'location': {said}}}}}"
        )
        project.write("storage", alias)
    project.settings.append("STORAGES = {" + ", ".join(stored) + "}")


def fields(chance: random.Random, project: Project) -> None:
    """Storages that models name by themselves: settings say nothing of them."""
    kind = chance.choice(["none", "none", "media", "project", "outside"])
    if kind == "media":
        project.fields.append(
            "scan = models.FileField(storage=FileSystemStorage(location=str(settings.MEDIA_ROOT) + '/scans'))"
        )
        project.write("field", "scan")
    elif kind == "project":
        project.fields.append(
            "scan = models.FileField(storage=FileSystemStorage(location=settings.BASE_DIR / 'scans'))"
        )
        project.own.add(project.write("field", "scan"))
        project.refused.append("hook: Photo.scan")
    elif kind == "outside" and chance.random() < 0.4:
        place = str(project.outside / "scans")
        project.fields.append(f"scan = models.FileField(storage=FileSystemStorage(location={place!r}))")
        project.refused.append("Photo.scan")


def caches(chance: random.Random, project: Project) -> None:
    entries = {}
    for alias in ["default", "pages/1"][: chance.choice([1, 2])]:
        kind = chance.choice(["file", "file", "locmem", "redis", "memcached", "own"])
        if kind == "file":
            said, _ = place(chance, project, f"cache-{alias[:4]}")
            entries[alias] = f"{{'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache', 'LOCATION': {said}}}"
        elif kind == "locmem":
            entries[alias] = "{'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}"
        else:
            backend = {
                "redis": "django.core.cache.backends.redis.RedisCache",
                "memcached": "django.core.cache.backends.memcached.PyMemcacheCache",
                "own": "shop.caching.Cache",
            }[kind]
            entries[alias] = f"{{'BACKEND': {backend!r}, 'LOCATION': 'redis://127.0.0.1:1/0', 'OPTIONS': {{'x': 1}}}}"
        project.write("cache", alias)
    project.settings.append("CACHES = {" + ", ".join(f"{a!r}: {e}" for a, e in entries.items()) + "}")


def sessions(chance: random.Random, project: Project) -> None:
    kind = chance.choice(["file", "file", "cache", "signed_cookies"])
    project.settings.append(f"SESSION_ENGINE = 'django.contrib.sessions.backends.{kind}'")
    if kind == "file" and chance.random() < 0.7:
        said, folder = place(chance, project, "sessions")
        folder.mkdir(parents=True, exist_ok=True)
        project.settings.append(f"SESSION_FILE_PATH = {said}")


def logs(chance: random.Random, project: Project) -> None:
    kind = chance.choice(["none", "file", "rotating", "syslog", "by hand"])
    said, file = place(chance, project, "shop.log", file=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = {
        "file": f"{{'class': 'logging.FileHandler', 'filename': {said}}}",
        "rotating": f"{{'class': 'logging.handlers.RotatingFileHandler', 'filename': {said}, 'maxBytes': 1000}}",
        "syslog": "{'class': 'logging.handlers.SysLogHandler', 'address': ('127.0.0.1', 1)}",
    }.get(kind)
    if handler:
        project.settings.append(
            f"LOGGING = {{'version': 1, 'handlers': {{'h': {handler}}}, 'root': {{'handlers': ['h']}}}}"
        )
    project.write("log")


def mail(chance: random.Random, project: Project) -> None:
    kind = chance.choice(["none", "smtp", "file"])
    if kind == "smtp":
        project.settings.append("EMAIL_HOST = '127.0.0.1'\nEMAIL_PORT = 1")
    elif kind == "file":
        said, _ = place(chance, project, "letters")
        backend = "django.core.mail.backends.filebased.EmailBackend"
        project.settings.append(f"EMAIL_BACKEND = {backend!r}\nEMAIL_FILE_PATH = {said}")
    project.write("mail")


def imports(chance: random.Random, project: Project) -> None:
    """Projects that make folders and files as they are imported; where an audit hook is the guard, they cannot run."""
    if chance.random() < 0.25:
        project.settings.append(
            chance.choice(["(BASE_DIR / 'made').mkdir(exist_ok=True)", "(BASE_DIR / 'made.txt').write_text('x')"])
        )
        project.refused.append("hook: made")


def paths(chance: random.Random, project: Project) -> None:
    """A page that writes by paths of its own."""
    top, outside = project.top, project.outside
    for what, argument in chance.sample(
        [
            ("file", str(top / "new.txt")),
            ("file", str(top / "theirs.txt")),
            ("rename", str(top / "shop" / "__init__.py")),
            ("folder", str(top / "new")),
            ("connect", str(top / "another.sqlite3")),
        ],
        chance.choice([0, 1, 2]),
    ):
        project.own.add(project.write(what, argument))
    for what, argument in chance.sample(
        [
            ("file", str(outside / "new.txt")),
            ("remove", str(outside / "theirs.txt")),
            ("connect", str(outside / "a.sqlite3")),
        ],
        chance.choice([0, 1]),
    ):
        project.barred.add(project.write(what, argument))


def described(project: Project) -> str:
    """For a failure: what was drawn."""
    return json.dumps({"settings": project.settings[1:], "fields": project.fields}, indent=1)
