"""Servers that are Python packages: found in the interpreter that runs the site."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from labs.errors import Missing
from labs.servers.program import Found, Program


@cache
def _version(python: Path, module: str, lent: tuple[Path, ...]) -> str | None:
    folders = [str(folder) for folder in lent]
    code = f"import sys; sys.path += {folders!r}; from importlib.metadata import version; print(version({module!r}))"
    said = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, timeout=30, check=False)
    return said.stdout.strip() if said.returncode == 0 else None


@cache
def interpreter_version(python: Path) -> str:
    """Such as "3.12". Raises Missing for what is no interpreter."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    said = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, timeout=30, check=False)
    if said.returncode:
        raise Missing(f"Python at {python}", said.stderr.strip().rpartition("\n")[2] or "it cannot be run")
    return said.stdout.strip()


def module_version(python: Path, module: str, program: Program, lent: tuple[Path, ...] = ()) -> Found:
    """Raises Missing when the site's interpreter does not have the package, and none of these folders lends it."""
    version = _version(python, module, lent)
    if version is None:
        raise Missing(module, f"{python} -m pip install {program.pip}")
    return Found(python, "pip", version)
