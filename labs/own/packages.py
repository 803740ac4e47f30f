"""Packages of ours that a reader's interpreter lacks, so that nothing must be installed there to try a server."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from labs.paths import CACHE

# Pure Python, all of them. gunicorn needs packaging, Django's memcached backend pymemcache.
PACKAGES = ("flup", "gunicorn", "packaging", "pymemcache")


def lent(has: Mapping[str, bool], python: tuple[int, int]) -> tuple[Path, ...]:
    """Folders for the end of PYTHONPATH, one a package that the interpreter lacks and that runs on its version.

    has     package -> whether the interpreter has it
    python  its version, such as (3, 12)
    """
    lacking = (name for name in PACKAGES if not has.get(name, False))
    return tuple(folder for name in lacking if (folder := _folder(name, python)) is not None)


def _folder(name: str, python: tuple[int, int]) -> Path | None:
    """A folder that holds one package and what pip knows of it, and nothing else: made once, of links."""
    from packaging.specifiers import SpecifierSet  # imported here: it takes longer than all else that this module needs

    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    wants = found.metadata["Requires-Python"]
    if wants and f"{python[0]}.{python[1]}" not in SpecifierSet(wants):
        return None
    tops = {found.locate_file(file.parts[0]) for file in found.files or () if file.parts[0] not in ("..", "bin")}
    folder = CACHE / "lent" / f"{name}-{found.version}"
    folder.mkdir(parents=True, exist_ok=True)
    for top in tops:
        source = Path(str(top))
        link = folder / source.name
        if source.name != "__pycache__" and not link.exists():
            link.unlink(missing_ok=True)  # it led into an environment that is gone
            link.symlink_to(source)
    return folder
