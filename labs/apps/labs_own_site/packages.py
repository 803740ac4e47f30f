"""What an interpreter is and what is installed in it, as one line of JSON. Imports nothing of the project, opens no file of it.

python -I -B packages.py
"""

from __future__ import annotations

import json
import platform
import sqlite3
from importlib import metadata
from typing import Any

MARK = "labs_own_site:"


def main() -> None:
    """Print the answer behind a mark: a package's .pth file may print too."""
    print(MARK + json.dumps(installed()))


def installed() -> dict[str, Any]:
    """Kind and version of this Python, the SQLite in it, and name -> version of every package that it would import."""
    packages: dict[str, str] = {}
    for found in metadata.distributions():
        name = found.metadata["Name"]
        # The first on the path is the one that is imported; one that was half removed has no name.
        if name and name not in packages:
            packages[str(name)] = str(found.version)
    return {
        "python": platform.python_implementation() + " " + platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": dict(sorted(packages.items(), key=lambda each: each[0].lower())),
    }


if __name__ == "__main__":
    main()
