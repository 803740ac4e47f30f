"""The lock files: every package with its version and checksums, for Python 3.11 and newer on every system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# No address of a package index is written: which one serves is the reader's own setting.
OPTIONS = (
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--annotation-style=line",
)


def main() -> int:
    """Write both lock files with the environment's uv; further arguments, such as --upgrade, are handed on to it."""
    for folder in (TOP, TOP / "tests"):
        status = subprocess.run(
            [
                TOP / ".venv/bin/uv",
                "pip",
                "compile",
                *OPTIONS,
                *sys.argv[1:],
                "requirements.txt",
                "-o",
                "requirements.lock",
            ],
            cwd=folder,
            check=False,
        ).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
