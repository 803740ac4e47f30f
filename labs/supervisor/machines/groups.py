"""Control groups: how much CPU and memory the processes of one machine may have together (cgroups(7)), for root.

A group is a folder below this process's own group; processes are in it until they end, and an empty one is removed by
rmdir(2). The journal names it, so that `labs reset` can.
"""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

NAME = "labs-"  # then the keeper's number and the machine's name
PERIOD = 100_000  # microseconds that a quota of CPU is given out for, the kernel's own default
MADE = re.compile(r"labs-\d+-[a-z0-9-]+")
ROOT = "/sys/fs/cgroup"
PATIENCE = 5.0  # seconds until a killed process must have left its group
MOUNTS, OWN = Path("/proc/mounts"), Path("/proc/self/cgroup")


def hierarchy(controller: str) -> tuple[Path, int] | None:
    """The folder of this process's own group where a controller can be used, and the version: 1 or 2. None without one.

    In version 2 a controller is there for what lies below where the group above has handed it on; that is never changed here.
    """
    own = {}
    for line in _lines(OWN):
        _, names, path = line.split(":", 2)
        own.update(dict.fromkeys(names.split(","), path))
    for line in _lines(MOUNTS):
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup" and controller in options.split(","):
            return _existing(Path(place), own.get(controller, "/")), 1
        # Processes may not lie beside groups that have controllers, but in the root: groups are made there
        if kind == "cgroup2" and controller in _text(Path(place, "cgroup.subtree_control")).split():
            return Path(place), 2
    return None


def _existing(mount: Path, path: str) -> Path:
    """Within a container the path may be one of the host's, which cannot be seen here: the mount's root is ours then."""
    below = mount / path.strip("/")
    return below if below.is_dir() else mount


def make(name: str, *, cpu: float = 0, memory: int = 0) -> list[str]:
    """Make a group of this name with these limits; its folders, one in each hierarchy.

    cpu     processors, 0 for no limit
    memory  bytes without swap, 0 for no limit
    Raises OSError, with nothing left, where that cannot be had here.
    """
    folders = planned(name, cpu=cpu, memory=memory)
    try:
        for folder in folders:
            Path(folder).mkdir()
        for controller, files in _files(cpu, memory).items():
            place, version = _hierarchy(controller)
            for file, value in files[version]:
                _set(place / name, file, value)
    except OSError:
        remove(folders)
        raise
    return folders


def planned(name: str, *, cpu: float = 0, memory: int = 0) -> list[str]:
    """The folders that `make` would make. Raises OSError where this system has no such hierarchy."""
    return sorted({str(_hierarchy(controller)[0] / name) for controller in _files(cpu, memory)})


def _hierarchy(controller: str) -> tuple[Path, int]:
    found = hierarchy(controller)
    if found is None:
        raise OSError(2, f"this system has no control group for {controller} that can be used")
    return found


def _files(cpu: float, memory: int) -> dict[str, dict[int, list[tuple[str, str]]]]:
    """controller -> version -> the files that are written, in order; a name in brackets may be missing."""
    wanted = {}
    if cpu:
        quota = round(cpu * PERIOD)
        wanted["cpu"] = {
            1: [("cpu.cfs_period_us", f"{PERIOD}"), ("cpu.cfs_quota_us", f"{quota}")],
            2: [("cpu.max", f"{quota} {PERIOD}")],
        }
    if memory:
        wanted["memory"] = {
            1: [("memory.limit_in_bytes", f"{memory}"), ("(memory.memsw.limit_in_bytes)", f"{memory}")],
            2: [("memory.max", f"{memory}"), ("(memory.swap.max)", "0")],
        }
    return wanted


def _set(folder: Path, file: str, value: str) -> None:
    place = folder / file.strip("()")
    if file.startswith("(") and not place.exists():  # a kernel that does not count swap
        return
    place.write_text(value)


def enter(folders: list[str]) -> None:
    """Put this process into a group. Raises OSError."""
    for folder in folders:
        Path(folder, "cgroup.procs").write_text("0")


def members(folders: list[str]) -> set[int]:
    """The processes that are in a group."""
    return {int(line) for folder in folders for line in _lines(Path(folder, "cgroup.procs"))}


def throttled(folders: list[str]) -> int:
    """How often its processes were held up until the next period, since it was made."""
    rows = [line.split() for folder in folders for line in _lines(Path(folder, "cpu.stat"))]
    return sum(int(row[1]) for row in rows if row[0] == "nr_throttled")


def seen(folders: list[str]) -> dict[str, int]:
    """What the kernel counted: how often the group was held up, and the most bytes that it had at once, where it tells."""
    peaks = [_text(Path(folder, name)) for folder in folders for name in ("memory.max_usage_in_bytes", "memory.peak")]
    peak = max((int(text) for text in peaks if text.strip().isdigit()), default=0)
    return {"throttled": throttled(folders), **({"peak": peak} if peak else {})}


def remove(folders: list[str]) -> list[str]:
    """Remove a group; the folders that still have processes in them."""
    rest = []
    for folder in folders:
        try:
            Path(folder).rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            rest.append(folder)
    return rest


def is_one(folder: str) -> bool:
    """Whether this is a group that a keeper of this user made: the name comes from a file."""
    path = Path(folder)
    try:
        return (
            path.is_relative_to(ROOT) and MADE.fullmatch(path.name) is not None and path.stat().st_uid == os.geteuid()
        )
    except OSError:
        return False


def forgotten() -> list[str]:
    """Groups whose keeper, or probe, is not there any more."""
    places = {place[0] for place in map(hierarchy, ("cpu", "memory")) if place}
    made = [path for place in places for path in place.glob(f"{NAME}*") if is_one(str(path))]
    return sorted(str(path) for path in made if not Path("/proc", path.name.split("-")[1]).exists())


def clear(folders: list[str]) -> None:
    """Kill whoever is still in a group, and remove it."""
    end = time.monotonic() + PATIENCE
    while folders and time.monotonic() < end:
        for pid in members(folders):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        folders = remove(folders)
        time.sleep(0.01 if folders else 0)


def _lines(path: Path) -> list[str]:
    return _text(path).splitlines()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
