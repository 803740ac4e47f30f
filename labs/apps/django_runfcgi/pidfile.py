"""The pidfile: written whole or not at all, refused while its process lives, removed at a clean end."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from .errors import UsageError


def check(path: Path) -> None:
    """Raise UsageError if the pidfile cannot be written, or names a process that lives."""
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent} for the pidfile {path.name}.")
    if path.is_dir():
        raise UsageError(f"The pidfile {path} is a folder.")
    pid = read(path)
    if pid is not None and pid != os.getpid() and _lives(pid, path):
        raise UsageError(f"The pidfile {path} names process {pid}, which is running. Stop it first: kill {pid}")


def read(path: Path) -> int | None:
    """The number in a pidfile, or None where there is none."""
    try:
        pid = int(path.read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise UsageError(f"Cannot read the pidfile {path}: {error.strerror}.") from error
    return pid if pid > 0 else None


def write(path: Path) -> None:
    """Put this process's number in the file, in one step: a reader never sees half of it."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(f"Cannot write the pidfile {path}: {error.strerror}.") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{os.getpid()}\n")
    Path(name).chmod(0o644)
    Path(name).replace(path)


def remove(path: Path) -> None:
    """Remove the file if it is still this process's own."""
    if read(path) == os.getpid():
        path.unlink(missing_ok=True)


def _lives(pid: int, path: Path) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    # Numbers are used again, after a restart of the machine above all: a process younger than the file is another.
    with suppress(OSError, ValueError, StopIteration, IndexError):
        boot = next(int(line.split()[1]) for line in Path("/proc/stat").read_text().splitlines() if "btime" in line)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if fields[0] == "Z":
            return False
        started = boot + int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return started <= path.stat().st_mtime + 2
    return True
