"""What belongs to a reader's project: the folder that nothing may change."""

from __future__ import annotations

from pathlib import Path

from labs.errors import OptionError
from labs.paths import RUN, TOP

# What lies at the top of a project: version control, or how it is built
TOPS = (".git", ".hg", "pyproject.toml", "setup.py")


def project_of(folder: Path) -> Path:
    """The top of the project that a folder belongs to, which may lie above the one that Python is given; else the folder.

    Never a home folder, nor one that deployments lie in, nor the checkout of the labs themselves.
    """
    folder = folder.resolve()
    for above in (folder, *folder.parents):
        if above in (Path.home(), Path(above.anchor), TOP) or _holds_runs(above):
            return folder
        if any((above / name).exists() for name in TOPS):
            return above
    return folder


def _holds_runs(folder: Path) -> bool:
    return RUN.resolve().is_relative_to(folder)


def check(folder: Path) -> None:
    """Raise OptionError for a project in which deployments would have their own folders."""
    if _holds_runs(folder.resolve()):
        raise OptionError(
            f"Deployments have their folders in {RUN}, which lies in your project, {folder}: they would change it. "
            "LABS_RUN_FOLDER=/another/folder moves them."
        )
