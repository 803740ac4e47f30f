"""Modules of Apache that come in packages of their own, and the Python that some of them embed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from labs.errors import Missing
from labs.paths import SERVERS
from labs.servers.program import Found, Program
from labs.site import Site

FOLDERS = ("usr/lib/apache2/modules", "lib/apache2/modules", "lib64/httpd/modules", "lib/httpd/modules")


@dataclass(frozen=True, kw_only=True)
class Module(Program):
    """A module of Apache: what is looked for is a file beside Apache's own modules.

    file    its name there
    apache  the program that loads it
    says    a regular expression for the version that its file holds
    """

    file: str
    apache: Program
    says: str

    def look(self) -> Found | None:
        """The module, or None. A name of the reader's that does not exist raises Missing: it was meant."""
        named = os.environ.get(self.variable)
        if named:
            if not Path(named).is_file():
                raise Missing(self.name, f"{self.variable} names {named}, which is not there")
            return Found(Path(named), "named by you", _said(Path(named), self.says))
        apache = self.apache.look()
        path = apache.folder(*(f"{folder}/{self.file}" for folder in FOLDERS)) if apache else None
        return Found(path, apache.source, _said(path, self.says)) if apache and path else None


class Embedded(NamedTuple):
    """The Python that a module embeds.

    version  such as "3.11"
    home     the folder whose lib/python3.11 holds its standard library
    """

    version: str
    home: Path

    @property
    def library(self) -> Path:
        """The standard library. lib64 on Fedora, whose Python knows: PYTHONHOME names the folder above either."""
        names = (f"{folder}/python{self.version}" for folder in ("lib", "lib64"))
        folders = [self.home / name for name in names]
        return next((folder for folder in folders if (folder / "os.py").exists()), folders[0])


def embedded(module: Found, name: str) -> Embedded:
    """The Python that this module embeds. Raises Missing when its standard library is nowhere."""
    version = _said(module.path, r"libpython(3\.\d+)")
    for home in (SERVERS / "usr", Path("/usr"), Path("/usr/local")):
        if ((found := Embedded(version, home)).library / "os.py").exists():
            return found
    raise Missing(f"The library of Python {version}, which {name} embeds,", f"the system's package python{version}")


def packages_of(site: Site, python: Embedded, name: str) -> list[Path]:
    """Where the packages of the site's own interpreter lie.

    Raises Missing where it is another Python than the embedded one: what is compiled for the one, the other cannot load.
    """
    version, folders = _asked(site.python)
    if version != python.version:
        raise Missing(
            f"{name} for this project, which runs on Python {version},",
            f"an environment of Python {python.version}, the one that {name} embeds. gunicorn and FastCGI run any Python",
        )
    return [Path(folder) for folder in folders]


@cache
def _asked(python: Path) -> tuple[str, tuple[str, ...]]:
    code = (
        "import json, sys; print(json.dumps(['%d.%d' % sys.version_info[:2], "
        "[path for path in sys.path if path.endswith(('site-packages', 'dist-packages'))]]))"
    )
    said = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, timeout=30, check=False)
    if said.returncode:
        raise Missing(f"Python at {python}", said.stderr.strip().rpartition("\n")[2] or "it cannot be run")
    version, folders = json.loads(said.stdout)
    return version, tuple(folders)


@cache
def _said(path: Path, pattern: str) -> str:
    found = re.search(pattern.encode(), path.read_bytes())
    return found[1].decode() if found else ""
