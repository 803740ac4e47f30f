"""Programs and libraries that find each other wherever the folder lies.

Each gets a search path relative to its own place (DT_RPATH with $ORIGIN). An environment variable would do as well,
but would leak into the CGI and FastCGI children of a server, and break a Python of the reader's own there. DT_RPATH
also stands above a reader's LD_LIBRARY_PATH.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from labs.provision import command

DYNAMIC = 2  # PT_DYNAMIC: the segment that a statically linked program lacks


def relocate(
    root: Path, *, only: set[Path] | None = None, patchelf: Path, log: Path, watch: Callable[[int], None]
) -> int:
    """Give all programs and libraries under root their search path; return how many there are.

    only   the files to treat, when the others have been treated before
    watch  is told how many are done
    """
    links(root)
    multiarch = sorted(path for path in (root / "usr/lib").glob("*-linux-gnu*") if path.is_dir())
    by_folder: dict[Path, list[Path]] = {}
    for path in binaries(root):
        if only is None or path in only:
            by_folder.setdefault(path.parent, []).append(path)
    count = 0
    for folder, files in by_folder.items():
        groups: dict[tuple[str, ...], list[Path]] = {}
        for file, old in zip(files, _search_paths(files, patchelf, log), strict=True):
            groups.setdefault(_kept(old, folder, root), []).append(file)
        for kept, group in groups.items():
            paths = [*kept, *(_seen_from(folder, path) for path in [*multiarch, root / "usr/lib"])]
            command.run(
                [patchelf, "--force-rpath", "--set-rpath", ":".join(dict.fromkeys(paths)), *group],
                log=log,
                purpose="Setting where programs look for their libraries",
            )
            count += len(group)
            watch(count)
    return count


def _search_paths(files: list[Path], patchelf: Path, log: Path) -> list[str]:
    said = command.output([patchelf, "--print-rpath", *files], log=log, purpose="Reading search paths")
    return said.split("\n")[: len(files)]


def _kept(old: str, folder: Path, root: Path) -> tuple[str, ...]:
    """Return the places that a file looks in by itself (a program's private libraries), as seen from its folder."""
    kept = []
    for part in filter(None, old.split(":")):
        if part.startswith("$ORIGIN"):
            kept.append(part)
        elif (root / part.lstrip("/")).is_dir():
            kept.append(_seen_from(folder, root / part.lstrip("/")))
    return tuple(kept)


def _seen_from(folder: Path, path: Path) -> str:
    """Return a folder as a search path of the files in another; $ORIGIN is where such a file lies."""
    relative = os.path.relpath(path, folder)
    return "$ORIGIN" if relative == "." else f"$ORIGIN/{relative}"


def links(root: Path) -> None:
    """Turn absolute links that mean a file of this folder into relative ones."""
    for path in walk(root):
        if path.is_symlink() and (target := path.readlink()).is_absolute():
            inside = root / target.relative_to("/")
            if inside.exists():
                path.unlink()
                path.symlink_to(os.path.relpath(inside, path.parent))


def walk(root: Path) -> Iterator[Path]:
    """Yield everything under root that is not a folder, without following links."""
    for folder, folders, files in os.walk(root):
        for name in files:
            yield Path(folder, name)
        for name in folders:
            path = Path(folder, name)
            if path.is_symlink():
                yield path


def binaries(root: Path) -> Iterator[Path]:
    """Yield the files under root that are loaded with shared libraries; links are left out."""
    for path in walk(root):
        if stat.S_ISREG(path.lstat().st_mode) and is_dynamic(path):
            yield path


def is_dynamic(path: Path) -> bool:
    """Tell whether a file is an ELF program or library with a dynamic section (the format: elf(5))."""
    with path.open("rb") as file:
        head = file.read(64)
        if len(head) < 64 or head[:4] != b"\x7fELF":
            return False
        wide = head[4] == 2
        order = "<" if head[5] == 1 else ">"
        kind = struct.unpack_from(order + "H", head, 16)[0]
        offset = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)[0]
        size, number = struct.unpack_from(order + "HH", head, 54 if wide else 42)
        file.seek(offset)
        table = file.read(size * number)
    segments = [struct.unpack_from(order + "I", table, at)[0] for at in range(0, len(table) - 3, size)] if size else []
    return kind in {2, 3} and DYNAMIC in segments
