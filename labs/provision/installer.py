"""Python packages from a lock file: by uv, and by pip where uv cannot be had.

uv takes seconds where pip takes a minute. Where the reader has none, pip brings the one that the lock file names.
Every file is checked against the checksum in the lock file.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from labs.provision import command
from labs.provision.errors import SetUpError
from labs.provision.progress import Progress

ADVICE = "  Look whether the network is there; then run the same again: what was fetched is kept."


def install(folder: Path, *, lock: Path, cache: Path, log: Path, progress: Progress) -> int:
    """Install what a lock file names into an environment; return how many packages it then has.

    Raises SetUpError when neither uv nor pip can.
    """
    python = folder / "bin" / "python"
    # Caches of the reader's own choice are used; otherwise nothing is written outside the checkout.
    environment = {
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(cache / "pip")),
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(cache / "uv")),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_PROGRESS": "1",
    }
    if "PIP_INDEX_URL" in os.environ:
        environment["UV_DEFAULT_INDEX"] = os.environ.get("UV_DEFAULT_INDEX", os.environ["PIP_INDEX_URL"])

    def watch() -> None:
        progress.say("python packages", f"{count(folder)} installed")

    progress.say("python packages")
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "--requirement",
    ]
    uv = shutil.which("uv") or _uv(folder, pip=pip, lock=lock, log=log, environment=environment)
    if uv is None or not _with_uv(uv, python=python, lock=lock, log=log, environment=environment, progress=progress):
        progress.say("python packages, by pip (a minute or two)")
        command.run(
            [*pip, lock],
            log=log,
            purpose="Installing the Python packages",
            environment=environment,
            watch=watch,
            advice=ADVICE,
        )
    for name in ("PIP_CACHE_DIR", "UV_CACHE_DIR"):
        if environment[name].startswith(f"{cache}{os.sep}"):
            shutil.rmtree(environment[name], ignore_errors=True)
    return count(folder)


def count(folder: Path) -> int:
    """Return how many packages an environment has."""
    return sum(1 for _ in folder.glob("lib/python3*/site-packages/*.dist-info"))


def _uv(folder: Path, *, pip: list[str | Path], lock: Path, log: Path, environment: dict[str, str]) -> str | None:
    """Let pip bring the uv that the lock file names; None where there is no uv for this kind of machine."""
    entry = re.search(r"(?m)^uv==.*(?:\n[ \t]+.*)*", lock.read_text(encoding="utf-8"))
    if entry is None:
        return None
    alone = folder / "uv.lock.txt"
    alone.write_text(re.sub(r"(?m)\n[ \t]+#.*", "", entry[0]) + "\n", encoding="utf-8")
    try:
        command.run([*pip, alone], log=log, purpose="Installing uv", environment=environment)
    except SetUpError:
        return None  # pip installs the rest as well, and says what is wrong if it cannot
    finally:
        alone.unlink()
    return str(folder / "bin" / "uv")


def _with_uv(uv: str, *, python: Path, lock: Path, log: Path, environment: dict[str, str], progress: Progress) -> bool:
    """Tell whether uv could install the packages; it knows nothing of pip's settings, so pip may where it cannot."""
    try:
        command.run(
            [uv, "pip", "install", "--python", python, "--require-hashes", "--no-deps", "--requirements", lock],
            log=log,
            purpose="Installing the Python packages with uv",
            environment=environment,
            watch=lambda: progress.say("python packages, by uv"),
        )
    except SetUpError:
        return False
    return True
