"""Builds the newspaper's database and media files once, and keeps them under .cache/newsroom/.

    data = build()
    data.database            # never written to: copy_database() gives a deployment its own
    data.media

The same sources give the same bytes, SQLite file included: nothing in it depends on the clock, on a secret or on the order in
which anything happened to run. The key of the folder is a digest of everything that the content depends on.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from filelock import FileLock

from labs.errors import LabError
from labs.newsroom import archive, samples
from labs.paths import CACHE

HERE = Path(__file__).resolve().parent
PROJECT = HERE / "project"
SMALLEST = 2000
EDITOR = "editor"
PASSWORD = "flint-hills"  # noqa: S105 - of every account in the archive; printed in the book, good for loopback only
MODIFIED = archive.LAST_EDITION.replace(tzinfo=UTC).timestamp()


@dataclass(frozen=True, kw_only=True)
class Data:
    """A built archive: `folder` with the SQLite file `database` and the folder `media`, under the content's `key`."""

    folder: Path
    database: Path
    media: Path
    key: str

    def copy_database(self, target: Path) -> Path:
        """Copy the database to a file of the caller's, writable and independent, and return it. A few milliseconds."""
        return Path(shutil.copyfile(self.database, target))


def sources() -> Iterator[Path]:
    """The files that the content depends on, in a fixed order."""
    yield from (HERE / f"{name}.py" for name in ("archive", "data", "pictures", "samples", "words"))
    paper = PROJECT / "paper"
    yield paper / "models.py"
    yield from sorted((paper / "migrations").glob("*.py"))
    yield from sorted(path for path in (paper / "static").rglob("*") if path.is_file())


def content_key(articles: int) -> str:
    """Digest of everything that decides the bytes of an archive of that size."""
    digest = hashlib.sha256()
    versions = [importlib.metadata.version(name) for name in ("django", "pillow")]
    digest.update(repr((articles, versions, sqlite3.sqlite_version, sys.version_info[:2])).encode())
    for path in sources():
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def build(articles: int = SMALLEST, *, cache: Path = CACHE / "newsroom") -> Data:
    """The archive with that many published articles (2,000 or more), built if it is not there yet.

    Takes about three seconds once, and milliseconds afterwards. Processes that ask at the same time wait for the first.
    Raises LabError when the size is too small, the folder cannot be written, or Django cannot make the tables.
    """
    if articles < SMALLEST:
        raise LabError(
            f"An archive needs at least {SMALLEST:,} articles, not {articles:,}: pages would have nothing to show."
        )
    key = content_key(articles)
    folder = cache / key
    data = Data(folder=folder, database=folder / "newspaper.sqlite3", media=folder / "media", key=key)
    if not folder.is_dir():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with FileLock(cache / ".lock"):
                if not folder.is_dir():
                    publish(data, articles)
        except OSError as error:
            raise LabError(
                f"The newspaper could not be built in {cache}: {error}. Make room there, or let this user write."
            ) from error
    return data


def publish(data: Data, articles: int) -> None:
    """Make the archive beside its place and move it there at once: a folder under a key is always whole."""
    for left in data.folder.parent.glob(".building-*"):
        shutil.rmtree(left)  # of a build that was killed: whoever holds the lock is the only one at work
    with tempfile.TemporaryDirectory(dir=data.folder.parent, prefix=".building-") as name:
        folder = Path(name) / "archive"
        media = folder / "media"
        media.mkdir(parents=True)
        with ThreadPoolExecutor(2) as pool:
            static = pool.submit(manage, "collectstatic", "--no-input", folder=folder)
            pictures = pool.submit(make_pictures, media)
            make_database(folder, articles)
            static.result()
            pictures.result()
        samples.write(media)
        settle(folder)
        folder.rename(data.folder)


def manage(*arguments: str, folder: Path) -> None:
    """Run a management command on the archive in `folder`. Raises LabError with its last words when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSROOM_", "DJANGO_"))}
    environment |= {
        "NEWSROOM_DATABASE": str(folder / "draft.sqlite3"),
        "NEWSROOM_MEDIA_ROOT": str(folder / "media"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments, "--verbosity=0", "--skip-checks"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise LabError(f"The newsroom's `manage.py {arguments[0]}` failed with status {done.returncode}:\n{last}")


def make_database(folder: Path, articles: int) -> None:
    """Tables by Django's own migrations, rows by plain SQL, and one VACUUM that leaves no trace of the order of writing."""
    manage("migrate", folder=folder)
    draft = folder / "draft.sqlite3"
    with closing(sqlite3.connect(draft, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute("BEGIN")
        # The only thing in a fresh schema that depends on the clock.
        database.execute("UPDATE django_migrations SET applied = ?", [str(archive.FIRST_ISSUE)])
        archive.fill(database, articles, hash_password())
        database.execute("COMMIT")
        database.execute("ANALYZE")
        database.execute("VACUUM INTO ?", [str(folder / "newspaper.sqlite3")])
    draft.unlink()


def hash_password() -> str:
    """PBKDF2 with Django's own number of rounds, or the first log-in would write a new hash; the salt is fixed."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    rounds = PBKDF2PasswordHasher.iterations
    salt = "bluestemkansas1989lantern"
    digest = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), rounds)
    return f"pbkdf2_sha256${rounds}${salt}${base64.b64encode(digest).decode()}"


def make_pictures(media: Path) -> None:
    """All photographs in three sizes, and the icon."""
    from labs.newsroom import pictures

    for size in pictures.SIZES:
        (media / "photos" / size).mkdir(parents=True)
    for name, scene, _ in archive.photos():
        pictures.save(pictures.draw(scene, name), media / "photos", name)
    pictures.favicon(media / "favicon.ico")


def settle(folder: Path) -> None:
    """Everybody may read, nobody may write; files are as old as the last edition, so Last-Modified is the same everywhere.

    Folders stay writable for their owner, who could not delete them otherwise.
    """
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o444)
        os.utime(path, (MODIFIED, MODIFIED))
