"""The folder that packages are unpacked in.

A new tree is made beside the old one and takes its place when it is complete, so that an interrupted run leaves the
old tree, or none, and never half of one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from labs.provision.errors import SetUpError, tail
from labs.provision.relocate import binaries, walk
from labs.provision.sets import NEVER_READ


class Tree:
    """The unpacked packages: root is the tree in use, new the one being made."""

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.root = folder / "root"
        self.new = folder / "root.new"
        self.old = folder / "root.old"
        self.log = log

    def begin(self, *, fresh: bool) -> None:
        """Start a new tree: empty when fresh, otherwise with what is there, as hard links."""
        if self.old.exists() and not self.root.exists():
            self.old.rename(self.root)  # the last run was stopped between the two renames of finish()
        for path in (self.new, self.old):
            shutil.rmtree(path, ignore_errors=True)
        if self.root.exists() and not fresh:
            shutil.copytree(self.root, self.new, symlinks=True, copy_function=os.link)
            return
        for name in ("lib", "bin", "sbin"):
            (self.new / "usr" / name).mkdir(parents=True, exist_ok=True)
            # One folder holds all, as on today's distributions: packages still name /lib and /sbin.
            (self.new / name).symlink_to(f"usr/{name}")

    def unpack(self, files: Iterable[Path], watch: Callable[[int], None]) -> set[Path]:
        """Unpack packages into the new tree; return the programs and libraries that came with them."""
        before = set(binaries(self.new))
        for number, file in enumerate(files, start=1):
            watch(number)
            self._extract(file)
        for name in NEVER_READ:
            for folder in self.new.glob(name):
                shutil.rmtree(folder, ignore_errors=True)
        for path in walk(self.new):
            mode = path.lstat().st_mode
            # Packages bring programs that run as their owner. Made by root, in a folder, they must not.
            if mode & 0o6000 and not path.is_symlink():
                path.chmod(mode & 0o1777)
        return set(binaries(self.new)) - before

    def _extract(self, package: Path) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            # tar keeps the link lib -> usr/lib, which `dpkg-deb -x` would replace by a folder.
            unpacker = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE, stderr=log)
            extractor = subprocess.run(
                ["tar", "-x", "-C", self.new, "--keep-directory-symlink", "--no-same-owner", "--no-same-permissions"],
                stdin=unpacker.stdout,
                stderr=log,
                check=False,
            )
            if unpacker.stdout:
                unpacker.stdout.close()
            failed = unpacker.wait() or extractor.returncode
        if failed:
            raise SetUpError(f"{package.name} cannot be unpacked: is the disk full?\n{tail(self.log)}")

    def write(self, files: Mapping[str, str]) -> None:
        """Write texts over files of packages; one that begins with #! can be run."""
        for name, text in files.items():
            path = self.new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # it may be a link, or shared with the tree in use
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755 if text.startswith("#!") else 0o644)

    def unresolved(self, programs: Iterable[str]) -> list[str]:
        """Return what the programs of the new tree still lack: themselves, or libraries of theirs."""
        lacking = []
        for name in programs:
            found = sorted(self.new.glob(name))
            if not found:
                lacking.append(name)
            for path in found:
                said = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
                lacking += [f"{line.split()[0]} ({name})" for line in said.stdout.splitlines() if "not found" in line]
        return lacking

    def finish(self) -> None:
        """Put the new tree in the place of the old."""
        if self.root.exists():
            self.root.rename(self.old)
        self.new.rename(self.root)
        shutil.rmtree(self.old, ignore_errors=True)

    def megabytes(self) -> int:
        """Return the size of the tree in use, in units of a million bytes."""
        found = [path.lstat() for path in walk(self.root)]
        return round(sum({status.st_ino: status.st_blocks * 512 for status in found}.values()) / 1e6)
