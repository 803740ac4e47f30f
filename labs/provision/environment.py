"""Make the virtual environment .venv/ of the checkout from its lock file, with the system's python3 alone.

    python3 labs/provision/environment.py            what the book needs
    python3 labs/provision/environment.py --tests    and what its tests need

It prefers /usr/bin/python3 where that is new enough: Apache's Python modules embed the system's Python, and an
environment of another one does not serve them. LABS_PYTHON=/path/to/python3 names another.
"""

from __future__ import annotations

import sys

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(
        "The labs need Python {}.{} or newer, and {} is {}.{}.\n"
        "  Where a newer one is installed: make PYTHON=/path/to/python3 (or LABS_PYTHON in the environment).".format(
            *OLDEST, sys.executable, *sys.version_info[:2]
        )
    )

import argparse  # noqa: E402 - an old Python must reach the message above
import hashlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
from pathlib import Path  # noqa: E402

if not __package__:
    sys.path[0] = str(
        Path(__file__).resolve().parents[2]
    )  # run as a file: its neighbours are labs.provision all the same

TOP = Path(__file__).resolve().parents[2]
LOCK = "requirements.lock"
TESTS = "tests/requirements.lock"  # holds all of requirements.lock as well


def main(arguments: list[str] | None = None) -> int:
    """Bring the environment up to date; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python3 labs/provision/environment.py",
        description="Make .venv/ from the lock file. Nothing outside the checkout is touched.",
        epilog="LABS_PYTHON names the Python to use; without it /usr/bin/python3 is preferred.",
    )
    parser.add_argument("--tests", action="store_true", help="add what the tests need")
    parser.add_argument("--into", type=Path, default=TOP / ".venv", metavar="FOLDER", help="default: .venv/")
    options = parser.parse_args(arguments)
    from labs.cli.entry import begin

    begin()
    wanted = sums(tests=options.tests)
    folder = options.into.absolute()
    if is_current(folder, wanted):
        print(f"{'Setting up':<22}python packages: ready in {folder.name}/")
        return 0
    return bring(folder, wanted)


def sums(*, tests: bool) -> dict[str, str]:
    """Return the lock files that are asked for, each with its checksum."""
    return {
        name: hashlib.sha256((TOP / name).read_bytes()).hexdigest() for name in ([LOCK, TESTS] if tests else [LOCK])
    }


def state(folder: Path) -> dict[str, object]:
    """Return what an earlier run wrote of an environment, or an empty dict."""
    try:
        found = json.loads((folder / "provision.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_current(folder: Path, wanted: dict[str, str]) -> bool:
    """Tell whether an environment is complete, was made for this place, and has what the lock files name."""
    known = state(folder)
    locks = known.get("locks")
    return (
        known.get("complete") is True
        # The programs of an environment name its place in their first line: a moved checkout needs a new one.
        and known.get("place") == str(folder)
        and isinstance(locks, dict)
        and wanted.items() <= locks.items()
        and is_alive(folder)
        and ("LABS_PYTHON" not in os.environ or known.get("python") == os.path.realpath(os.environ["LABS_PYTHON"]))
    )


def is_alive(folder: Path) -> bool:
    """Tell whether the Python that an environment was made of is still there."""
    return os.access(folder / "bin" / "python", os.X_OK) and (folder / "pyvenv.cfg").exists()


def bring(folder: Path, wanted: dict[str, str]) -> int:
    """Make or complete the environment, with a line that shows how far it is; return the exit status."""
    from labs.provision.errors import SetUpError
    from labs.provision.installer import install
    from labs.provision.interpreter import choose, create
    from labs.provision.lock import locked
    from labs.provision.progress import Progress

    cache = TOP / ".cache"
    log = cache / "environment.log"
    with Progress("Setting up") as progress:
        try:
            with locked(cache / "environment.lock", progress):
                if is_current(folder, wanted):  # another set-up has just done it
                    progress.done(f"python packages: ready in {folder.name}/")
                    return 0
                log.unlink(missing_ok=True)
                python = choose(OLDEST)
                known = state(folder)
                locks = known.get("locks") if known.get("complete") is True else None
                if isinstance(locks, dict) and TESTS in locks:
                    wanted = sums(tests=True)  # what was there stays there
                # An environment with no word of ours was made by the reader: it is added to. One that an
                # interrupted run left is not, since a half-copied package looks like a whole one.
                usable = is_alive(folder) and (not known or (locks and known.get("place") == str(folder)))
                if not usable or known.get("python") not in {None, python.path}:
                    shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True, exist_ok=True)
                record = {"complete": False, "place": str(folder), "python": python.path, "version": python.version}
                write(folder, record)
                if not is_alive(folder):
                    create(folder, python=python, cache=cache, log=log, progress=progress)
                lock = TOP / (TESTS if TESTS in wanted else LOCK)
                number = install(folder, lock=lock, cache=cache, log=log, progress=progress)
                link(folder)
                write(folder, {**record, "complete": True, "locks": wanted})
            progress.done(f"python packages: {number} in {folder.name}/ (Python {python.version})")
        except SetUpError as error:
            progress.clear()
            print(f"Setting up: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            progress.clear()
            print("Setting up: stopped. What is fetched is kept; the next run goes on from here.", file=sys.stderr)
            return 130
    return 0


def link(folder: Path) -> None:
    """Let this environment's Python import labs, benchmarks and book from any folder, as the notebooks do."""
    for packages in folder.glob("lib/python3*/site-packages"):
        (packages / "deploying_django.pth").write_text(f"{TOP}\n", encoding="utf-8")


def write(folder: Path, record: dict[str, object]) -> None:
    """Write what there is to know of an environment, in one step."""
    temporary = folder / "provision.json.new"
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    temporary.replace(folder / "provision.json")


if __name__ == "__main__":
    sys.exit(main())
