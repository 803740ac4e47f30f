"""A database as it is before its site first asks: made once, kept in .cache/databases/, copied for each deployment.

The name of a copy's original is a digest of all that decides what is in it: the program's version, the project's code with its
migrations, the rows, Django and the driver, and what makes it here. Any change of these makes another.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from filelock import FileLock

from labs import paths
from labs.errors import LabError, StartError, start_error
from labs.own import inventory
from labs.paths import APPS, CACHE
from labs.runtime.running import Running
from labs.servers import database as base
from labs.servers.database import SEED, Database
from labs.servers.folder import Folder
from labs.servers.program import Program
from labs.servers.python import module_version
from labs.site import Site
from labs.supervisor.keeper import Keeper

KEPT = CACHE / "databases"
UNUSED = 14 * 86_400.0  # seconds after which data that nobody copied go, where others are made
FILLING = 600.0  # seconds that migrations and rows may take
DJANGO = Program(name="django", apt="python3-django", pip="django")
UNFINISHED = ".making-"


def prepare(server: Database, folder: Folder, *, kept: Path = KEPT) -> None:
    """Put the data of a database server into a deployment's folder, from those that are kept; make them where there are none.

    Raises LabError when they cannot be made.
    """
    source = prepared(server, folder, kept=kept)
    try:
        os.utime(source)  # used today
        copy(source, server.data(folder))
        server.settle(folder)
    except OSError as error:
        raise start_error(f"The data of {server.title} cannot be copied", error) from error


def prepared(server: Database, folder: Folder, *, kept: Path = KEPT) -> Path:
    """The folder of the kept data, made if they are not there yet. Processes that ask at the same time wait for the first."""
    place = kept / f"{server.program.name}-{key(server, folder)}"
    if place.is_dir():
        return place
    try:
        kept.mkdir(parents=True, exist_ok=True)
        with FileLock(kept / ".lock"):
            if not place.is_dir():
                make(server, place)
    except OSError as error:
        raise start_error(f"The data of {server.title} cannot be made in {kept}", error) from error
    return place


def key(server: Database, folder: Folder) -> str:
    """A digest of everything that decides what the data are."""
    found = hashlib.sha256(repr(server.ingredients(folder)).encode())
    code = (Path(__file__), Path(base.__file__), Path(server.source), APPS / f"{SEED}.py")
    for each in code:
        found.update(each.read_bytes())
    if (site := server.contents) is not None:
        versions = [module_version(site.python, DJANGO.name, DJANGO, site.lent).version, server.driver_version(site)]
        found.update(repr((versions, site.settings, inventory.code(site.folder), rows(site))).encode())
    return found.hexdigest()[:16]


def rows(site: Site) -> str:
    """What tells the rows of its SQLite file from others: of one in the cache its name there, which is a digest already."""
    if site.database is None:
        return ""
    if CACHE in site.database.parents:
        return str(site.database.relative_to(CACHE))
    with site.database.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make(server: Database, place: Path) -> None:
    """Make the data under a keeper, so that nothing runs on where this process ends, and move them to their place at once."""
    forget(place.parent)
    server = server.alone()
    keeper = Keeper(paths.RUN, f"{server.label}-data")
    try:
        folder = Folder(keeper.folder, keeper.sockets).make()
        server.make(folder)
        if server.contents is not None:
            fill(keeper, folder, server, server.contents)
            server.finish(folder)
        new = place.with_name(f"{UNFINISHED}{place.name}")
        copy(server.data(folder), new)
        new.rename(place)
    finally:
        keeper.end()


def fill(keeper: Keeper, folder: Folder, server: Database, site: Site) -> None:
    """Start the server, let the site's own interpreter migrate and load, stop it. Raises LabError with what was said."""
    folder.endpoint(server.listen)
    for name, text in server.files(folder).items():
        folder.write(name, text)
    server.settle(folder)
    running = Running(server, folder, keeper, (server,))
    running.start()
    command, environment = server.seed(folder, site)
    log = folder.log / "seed.log"
    loader = keeper.spawn(command, environment=environment, log=log)
    end = time.monotonic() + FILLING
    while (status := keeper.ended().get(loader)) is None:
        if time.monotonic() > end:
            raise StartError(f"Filling the database of {site.settings} took more than {FILLING:g} s.")
        time.sleep(0.01)
    if status:
        last = "\n".join(f"  {line}" for line in log.read_text("utf-8", "replace").strip().splitlines()[-8:])
        raise LabError(f"The database of {site.settings} could not be filled (status {status}):\n{last}")
    running.stop()


def copy(source: Path, target: Path) -> None:
    """Copy a folder with owners, rights and times; where the file system can, as a clone that takes no room (cp(1))."""
    done = subprocess.run(["cp", "-a", str(source), str(target)], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(target, ignore_errors=True)
        raise OSError(0, done.stderr.strip().rpartition("\n")[2], str(target))


def forget(kept: Path) -> None:
    """Remove what a killed process left half done, and what has not been used for long. The caller holds the lock."""
    for folder in kept.iterdir():
        unused = folder.is_dir() and time.time() - folder.stat().st_mtime > UNUSED
        if unused or folder.name.startswith(UNFINISHED):
            shutil.rmtree(folder, ignore_errors=True)
