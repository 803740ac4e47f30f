"""What machine and versions a record came from: enough to judge it, nothing that names its owner."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import ssl
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from benchmarks.host.machine import machine

ROOT = Path(__file__).resolve().parent.parent.parent
MEASURED = ("django", "asgiref", "sqlparse", "pillow", "flup", "gunicorn", "pymemcache")
MEASURING = ("locust", "gevent", "greenlet", "geventhttpclient", "hdrhistogram", "psutil", "scipy", "numpy")
# Variables that change how Python, the C library or the labs behave, as patterns of whole names.
VARIABLES = (
    r"LANG|LC_\w+|TZ|PYTHON\w+|LD_PRELOAD|LD_LIBRARY_PATH|MALLOC_\w+|GLIBC_TUNABLES|GEVENT_\w+",
    r"LABS_\w+|NEWSROOM_(?!SECRET)\w+",
)


def cpu_ticks() -> tuple[float, float]:
    """Seconds stolen by other guests of the same host, and seconds in all, over every CPU since the start."""
    times = psutil.cpu_times()
    stolen = float(getattr(times, "steal", 0.0))
    # guest time is already part of user time (proc(5))
    total = sum(value for name, value in times._asdict().items() if not name.startswith("guest"))
    return stolen, float(total)


class Steal:
    """The share of CPU time that other guests of the host took, since this was made. Zero where nobody can know."""

    def __init__(self) -> None:
        self.stolen, self.total = cpu_ticks()

    def share(self) -> float:
        """From 0 to 1."""
        stolen, total = cpu_ticks()
        return (stolen - self.stolen) / (total - self.total) if total > self.total else 0.0


def commit() -> str | None:
    """The commit of this checkout, with a + where files were changed since; None where git cannot say.

    Results are not counted: of a series of records each would else make the next one look like one of changed code.
    """
    try:
        found = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)benchmarks/results")
        return f"{found}+" if changed else found
    except (OSError, subprocess.SubprocessError):
        return None


def fingerprint() -> dict[str, Any]:
    """The machine, the Python, and the environment that a run has. No name of the host, no path, no user."""
    return {
        **machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}",
        "environment": environment(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def environment() -> dict[str, str]:
    """The variables of `VARIABLES` that are set. Of a path, or an address, it is only said that there is one."""
    found = {name: os.environ[name] for pattern in VARIABLES for name in os.environ if re.fullmatch(pattern, name)}
    return {name: "(a path)" if os.sep in value and name != "TZ" else value for name, value in sorted(found.items())}


def versions(*, measured: bool = True) -> dict[str, str]:
    """Python, the libraries below it, and the packages that take part, as installed here.

    measured  False where something else is measured than what is installed here, such as a reader's project: what is left
              are the packages that measure, and the Python that runs them
    """
    if measured:
        found = {
            "Python": platform.python_version(),
            "OpenSSL": ssl.OPENSSL_VERSION.split()[1],
            "SQLite": sqlite3.sqlite_version,
        }
    else:
        found = {"Python of the generator": platform.python_version()}
    if platform.libc_ver()[0]:
        found |= dict([platform.libc_ver()])
    for package in (*(MEASURED if measured else ()), *MEASURING):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _git(*arguments: str) -> str:
    asked = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10)
    return asked.stdout.strip()
