"""The guard by effect around readers' projects: what their servers write below them lands in a deployment's folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from labs.paths import CACHE
from labs.servers.folder import Folder
from labs.site import Site
from labs.supervisor.keeper import Keeper

SANDBOX = Path(__file__).parents[1] / "supervisor" / "sandbox.py"
ASKED = "LABS_GUARD"  # "hook": no overlay, where one stands in a project's way


def shield(keeper: Keeper, folder: Folder, sites: Iterable[Site], writable: Iterable[Path]) -> None:
    """Before anything of a reader's project runs: find by trying which guard this system gives, and note it in the folder.

    sites     of the deployment; those of the labs need no guard, since they have nothing of a reader's
    writable  folders outside the deployment's that its servers write to
    """
    guarded = [site for site in sites if site.place]
    if not guarded:
        return
    folder.guard, folder.unshielded = "hook", "your own database is a file, which an overlay would hide"
    if os.environ.get(ASKED) == "hook":
        folder.unshielded = f"{ASKED}=hook asks for it"
    elif all(site.shielded for site in guarded):
        projects = {project for site in guarded for project in site.shielded}
        for each in (places := sorted(set(writable))):
            each.mkdir(parents=True, exist_ok=True)
        folder.unshielded = keeper.shield(sorted(projects), places)
        folder.guard = "hook" if folder.unshielded else "overlay"


def here() -> tuple[str, str]:
    """Which guard this system gives, and why it is not the better one; found by trying."""
    plan = {"projects": [], "writable": [], "mount": str(empty())}
    tried = [sys.executable, "-I", "-S", str(SANDBOX), json.dumps(plan), "true"]
    said = subprocess.run(tried, capture_output=True, text=True, errors="replace", check=False, timeout=30)
    return ("overlay", "") if said.returncode == 0 else ("audit hook", said.stderr.strip())


def empty() -> Path:
    """A folder with nothing in it, where a view of the file system has its memory. Raises OSError where it cannot be made."""
    place = CACHE / "empty"
    place.mkdir(parents=True, exist_ok=True)
    return place


def described(folder: Folder) -> str:
    """Which guard there is, as a sentence; empty where no project of a reader's is served."""
    if folder.guard == "overlay":
        return "guard: an overlay; the servers see your files and can change none, what they write below them lands in the run's folder"
    if folder.guard == "hook":
        return (
            f"guard: an audit hook in Python, which refuses writes outside the run's folder by name ({folder.unshielded}); "
            "it does not see what compiled libraries write by themselves, and lets your project start no other program"
        )
    return ""
