"""The Python that the virtual environment is made of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from labs.provision import apt, command
from labs.provision.errors import SetUpError
from labs.provision.progress import Progress

SYSTEM = "/usr/bin/python3"


class Interpreter(NamedTuple):
    """A Python of this machine: its real path, and its version as text."""

    path: str
    version: str


def choose(oldest: tuple[int, int]) -> Interpreter:
    """Return the Python to use: the one that is named, else the system's when new enough, else the running one.

    Raises SetUpError when the one that LABS_PYTHON names cannot be run or is too old.
    """
    named = os.environ.get("LABS_PYTHON")
    for candidate in [named] if named else [SYSTEM, sys.executable]:
        found = ask(candidate)
        if found and tuple(map(int, found.version.split(".")[:2])) >= oldest:
            return found
    raise SetUpError(f"LABS_PYTHON names {named}, which is no Python {oldest[0]}.{oldest[1]} or newer.")


def ask(path: str) -> Interpreter | None:
    """Return what a Python says of itself, or None when it cannot be run.

    Of an environment's Python it is the base that counts, so that .venv does not hang on another environment.
    """
    code = "import sys, platform; print(sys._base_executable); print(platform.python_version())"
    try:
        said = subprocess.run([path, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    base, version = said.stdout.split("\n")[:2]
    return Interpreter(os.path.realpath(base), version)


def create(folder: Path, *, python: Interpreter, cache: Path, log: Path, progress: Progress) -> None:
    """Make an empty virtual environment with pip in it. Raises SetUpError, with the way out, when that cannot be."""
    progress.say("making a virtual environment")
    if _can(python, "import venv, ensurepip"):
        command.run([python.path, "-m", "venv", folder], log=log, purpose="Making the virtual environment")
    elif uv := shutil.which("uv"):
        command.run(
            [uv, "venv", "--seed", "--allow-existing", "--python", python.path, folder],
            log=log,
            purpose="Making the virtual environment with uv",
        )
    elif _can(python, "import venv") and not apt.missing():
        _with_wheel(folder, python=python, cache=cache, log=log, progress=progress)
    else:
        raise SetUpError(
            f"{python.path} has no venv and ensurepip, which make virtual environments.\n"
            "  Install the system's package for it (python3-venv), or uv, and run the same again."
        )


def _can(python: Interpreter, code: str) -> bool:
    return subprocess.run([python.path, "-I", "-c", code], capture_output=True, check=False).returncode == 0


def _with_wheel(folder: Path, *, python: Interpreter, cache: Path, log: Path, progress: Progress) -> None:
    """Make the environment where the distribution splits ensurepip off: take its pip from its own signed package.

    Installing python3-venv would need root and change the system; the package with the wheel is only unpacked.
    """
    progress.say("fetching pip: this system's Python comes without it")
    source = apt.Apt(cache / "apt-pip", log=log)
    unpacked = cache / "pip-wheel"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(parents=True)
    try:
        source.prepare()
        source.update()
        found = [package for package in source.resolve(["python3-pip-whl"]) if package.name == "python3-pip-whl"]
        for file in source.fetch(found).values():
            command.run(["dpkg-deb", "-x", file, unpacked], log=log, purpose="Unpacking pip")
        wheel = next(unpacked.rglob("pip-*.whl"), None)
        if wheel is None:
            raise SetUpError("The package python3-pip-whl holds no pip. Install python3-venv and run the same again.")
        command.run([python.path, "-m", "venv", "--without-pip", folder], log=log, purpose="Making the environment")
        # A wheel is a zip file that Python can run from; pip so started installs itself.
        pip: list[str | Path] = [folder / "bin" / "python", wheel / "pip", "install", "--no-index", "--no-deps", wheel]
        command.run(pip, log=log, purpose="Putting pip into the environment")
    finally:
        source.remove()
        shutil.rmtree(unpacked, ignore_errors=True)
