"""Where things lie in the checkout."""

from __future__ import annotations

import os
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent

# One folder a running deployment, removed with it. LABS_RUN_FOLDER moves it, for tests and for read-only checkouts.
RUN = Path(os.environ.get("LABS_RUN_FOLDER", TOP / "run"))

CACHE = TOP / ".cache"
# Python's own files of the sites. LABS_BYTECODE_FOLDER moves them: on a disk that fills up Python leaves half a file, which
# no later process can read.
BYTECODE = Path(os.environ.get("LABS_BYTECODE_FOLDER", CACHE / "bytecode"))
SERVERS = TOP / ".servers" / "root"
APPS = TOP / "labs" / "apps"


def reachable(path: Path) -> bool:
    """Can another user of this machine walk to `path`? (Every folder above it lets others through.)

    As root, front-ends hand their work to an unprivileged user, and that user must get to the files.
    """
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.is_dir())


def short(text: str) -> str:
    """A text to be read, with paths as they look from the checkout: run/… instead of /home/…/run/…"""
    return text.replace(f"{TOP}/", "")
