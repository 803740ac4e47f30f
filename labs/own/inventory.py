"""What a reader's project is made of: its Python, the packages in it, and its own code, so that two runs can be told apart.

Nothing secret is among it: no path, no variable's value, no name of a host, no setting but those of `Look.about`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from labs.errors import OptionError
from labs.own import changes
from labs.paths import APPS
from labs.servers.base import PASSED_ON
from labs.site import Site

SCRIPT = APPS / "labs_own_site" / "packages.py"
MARK = "labs_own_site:"
PATIENCE = 30.0  # seconds
# What decides how a page is made, and is not data: modules, templates, and the translations that they use
CODE = {".py", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".mo"}
LIMIT = 200_000  # files that are passed; a folder with more has no digest


def inventory(site: Site) -> dict[str, Any]:
    """Everything that is known of a project, as a record can keep it.

    python    kind and version of its interpreter, such as "CPython 3.12.1"
    sqlite    the version of SQLite that this interpreter uses
    packages  name -> version, of every package of the interpreter
    lent      packages of the labs that it lacks, such as "flup-1.0.3"
    code      a digest of its modules and templates, 16 hexadecimal digits; None for a folder of more than `LIMIT` files

    Beside these, what its settings say, where it was looked at (`Site.about`). Raises OptionError where the interpreter
    cannot be asked.
    """
    return {**installed(site), "lent": [folder.name for folder in site.lent], "code": code(site.folder), **site.about}


def installed(site: Site) -> dict[str, Any]:
    """What the project's interpreter is and holds, asked of itself; nothing of the project is run for it."""
    try:
        said = subprocess.run(
            # not isolated: the packages of the account's own, which pages can import too, count
            [str(site.python), "-B", str(SCRIPT)],
            cwd=site.folder,  # some programs named python choose the version by the folder
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OptionError(f"{site.python} does not say what is installed in it: {error}.") from error
    for line in reversed(said.stdout.splitlines()):
        if line.startswith(MARK):
            answer: dict[str, Any] = json.loads(line.removeprefix(MARK))
            return answer
    last = said.stderr.strip().rpartition("\n")[2] or f"exit status {said.returncode}"
    raise OptionError(f"{site.python} does not say what is installed in it: {last}.")


def code(folder: Path) -> str | None:
    """A digest of a project's modules and templates, by their places and contents; environments and packages are no part."""
    found, files = hashlib.sha256(), 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not _skipped(Path(place), each))
        files += len(names)
        if files > LIMIT:
            return None
        for name in sorted(names):
            path = Path(place) / name
            if path.suffix not in CODE or not path.is_file():
                continue
            try:
                content = path.read_bytes()
            except OSError:  # one that nobody may read is not run either
                continue
            found.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode(errors="surrogateescape"))
            found.update(content)
    return found.hexdigest()[:16]


def _skipped(place: Path, name: str) -> bool:
    return name.startswith(".") or name in changes.SKIPPED | {"__pycache__"} or (place / name / "pyvenv.cfg").exists()
