"""From the names of sets to a folder of servers that run."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from labs.provision import servers
from labs.provision.apt import Apt, Package
from labs.provision.errors import SetUpError
from labs.provision.lock import locked
from labs.provision.progress import Progress
from labs.provision.relocate import relocate
from labs.provision.sets import SETS, WITHOUT, PackageSet
from labs.provision.tree import Tree

README = """\
Servers for the labs, unpacked from {title}'s own signed packages on {date}.

Nothing here is installed: no service runs, no package manager knows of it, and no script of a package was run. The
programs run from this folder, and it can be moved or deleted (make clean-servers); `make servers` brings it again,
with the versions of that day.

    root/usr/sbin, root/usr/bin   the programs: {programs}
    packages.json                 which packages, as NAME=VERSION; which sets of labs/provision/sets.py
    log                           what apt, dpkg-deb and patchelf said

The packages keep their own licences; their source is the distribution's (apt-get source NAME).
"""


def unpack(names: list[str], folder: Path, progress: Progress) -> str:
    """Bring the sets that are missing into the folder and return a sentence about what is there.

    Raises SetUpError; the folder is then as it was before.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    with locked(folder / "lock", progress):
        record = servers.read(folder)
        here = [name for name in SETS if servers.is_current(record, name)]
        wanted = {name: SETS[name] for name in SETS if name in {*names, *here}}
        systems = {name: _of_system(chosen) for name, chosen in wanted.items() if name not in here}
        notes = [f"{SETS[name].title}: the system's {program}" for name, program in systems.items() if program]
        wanted = {name: chosen for name, chosen in wanted.items() if not systems.get(name)}
        if set(wanted) == set(here):
            return "; ".join([*notes, "nothing to unpack"])
        log.unlink(missing_ok=True)
        patchelf = _patchelf()
        apt = Apt(folder / "apt", log=log)
        tree = Tree(folder, log=log)
        progress.say("reading the lists of packages")
        apt.prepare()
        apt.update(watch=lambda: progress.say("reading the lists of packages"))
        packages, absent = _resolve(apt, wanted)
        notes += [f"{SETS[name].title}: this distribution has no {package}" for name, package in absent.items()]
        wanted = {name: chosen for name, chosen in wanted.items() if name not in absent}
        fetched = 0.0
        if not set(wanted) <= set(here):
            fetched = _fill(tree, apt, wanted, packages, record, patchelf=patchelf, progress=progress)
        _describe(folder, wanted, packages, absent)
        apt.remove()
    if not wanted:
        return "; ".join(notes)
    title = ", ".join(chosen.title for chosen in wanted.values())
    size = f"{len(packages)} packages, {fetched:.0f} MB fetched, {tree.megabytes()} MB in {folder.name}/"
    return "; ".join([f"{title} ({size})", *notes])


def _of_system(chosen: PackageSet) -> str | None:
    """Return the system's program that makes a set needless."""
    return next((name for name in chosen.unless if shutil.which(name)), None)


def _patchelf() -> Path:
    """Find patchelf: the one of the virtual environment, which requirements.txt names, else the system's."""
    for folder in (Path(sys.prefix) / "bin", servers.TOP / ".venv" / "bin"):
        if os.access(folder / "patchelf", os.X_OK):
            return folder / "patchelf"
    found = shutil.which("patchelf")
    if not found:
        raise SetUpError(
            "patchelf is missing; it comes with the Python packages: python3 labs/provision/environment.py"
        )
    return Path(found)


def _resolve(apt: Apt, wanted: dict[str, PackageSet]) -> tuple[list[Package], dict[str, str]]:
    """Return all packages of the sets, and for each set that this distribution cannot fill the package it lacks."""
    packages: dict[str, Package] = {}
    absent = {}
    for name, chosen in wanted.items():
        asked = {package: apt.names(package) for package in chosen.packages}
        if lacking := [package for package, found in asked.items() if not found]:
            absent[name] = lacking[0]
            continue
        needless = re.compile("|".join([*chosen.without, *WITHOUT]))
        for package in apt.resolve([found for names in asked.values() for found in names]):
            if not needless.fullmatch(package.name):
                packages[package.name] = package
    return [packages[name] for name in sorted(packages)], absent


def _fill(
    tree: Tree,
    apt: Apt,
    wanted: dict[str, PackageSet],
    packages: list[Package],
    record: dict[str, object],
    *,
    patchelf: Path,
    progress: Progress,
) -> float:
    """Fetch, unpack and relocate what the tree lacks; return the megabytes fetched."""
    recorded = record.get("packages")
    have = {str(package) for package in recorded} if isinstance(recorded, list) and tree.root.exists() else set()
    # Packages of one day fit each other. When a version has moved on since, all are unpacked anew.
    recipes = record.get("sets")
    stale = isinstance(recipes, dict) and any(
        name not in SETS or not servers.is_current(record, name) for name in recipes
    )
    fresh = stale or not have <= set(map(str, packages))
    missing = [package for package in packages if fresh or str(package) not in have]
    total = sum(package.size for package in missing) / 1e6
    progress.say("fetching packages", f"0 of {total:.0f} MB")
    files = apt.fetch(
        missing, watch=lambda size: progress.say("fetching packages", f"{size / 1e6:.0f} of {total:.0f} MB")
    )
    tree.begin(fresh=fresh)
    came = tree.unpack(files.values(), lambda number: progress.say("unpacking", f"{number} of {len(files)} packages"))
    relocate(
        tree.new,
        only=came,
        patchelf=patchelf,
        log=tree.log,
        watch=lambda count: progress.say("making them find their libraries", f"{count} of {len(came)} files"),
    )
    for chosen in wanted.values():
        tree.write(chosen.files)
    if lacking := tree.unresolved(program for chosen in wanted.values() for program in chosen.programs):
        raise SetUpError(
            f"The packages of this distribution leave out what a server needs: {', '.join(lacking)}.\n"
            f"  Please report it with the file {tree.log}; a server of the system serves meanwhile (apt install it)."
        )
    tree.finish()
    return total


def _describe(folder: Path, wanted: dict[str, PackageSet], packages: list[Package], absent: Iterable[str]) -> None:
    """Write README and packages.json; the latter last, and in one step, since it says that all is there."""
    from labs.provision import distribution

    programs = [Path(program).name for chosen in wanted.values() for program in chosen.programs]
    (folder / "README").write_text(
        README.format(
            title=distribution.read().title, date=datetime.now(UTC).date().isoformat(), programs=", ".join(programs)
        ),
        encoding="utf-8",
    )
    record = {
        "format": servers.FORMAT,
        "system": servers.system(),
        "sets": {name: servers.description(chosen) for name, chosen in wanted.items()},
        "absent": {name: servers.description(SETS[name]) for name in absent},
        "packages": [str(package) for package in packages],
    }
    temporary = folder / "packages.json.new"
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    temporary.replace(folder / "packages.json")
