"""What in this system limits measuring: each fact with what it means, where it means something."""

from __future__ import annotations

import os
import platform
from pathlib import Path

Fact = dict[str, str]
STEAL = 0.01  # share of all processor time above which a neighbour on the host matters


def machine(root: Path = Path("/")) -> list[Fact]:
    """Facts: "name", "value", and "matters" where the value limits what can be measured.

    root  where /proc and /sys are
    """
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    found = [
        _fact("system", system),
        processors(),
        _fact("user", "root" if os.geteuid() == 0 else "an ordinary user"),
        quota(root),
        cgroup(root),
        load(),
        steal(root),
        frequency(root),
        turbo(root),
        power(root),
        swap(root),
        clock(root),
    ]
    return [fact for fact in found if fact]


def _fact(name: str, value: str, matters: str = "") -> Fact:
    return {"name": name, "value": value, "matters": matters}


def _text(path: Path) -> str:
    """A file of the kernel's; empty where there is none, or none for us."""
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def processors() -> Fact:
    """How many this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    alone = "Server and load generator share the one processor: rates are not comparable."
    return _fact("processors", str(count), "" if count > 1 else alone)


def quota(root: Path) -> Fact:
    """A container's share of the processors: cpu.max (cgroup v2), or cpu.cfs_quota_us (v1); nothing without one."""
    of = root / "sys/fs/cgroup"
    words = _text(of / "cpu.max").split() or [_text(of / "cpu/cpu.cfs_quota_us"), _text(of / "cpu/cpu.cfs_period_us")]
    if len(words) != 2 or not all(word.isdigit() for word in words) or not int(words[1]):  # "max", -1, or no file
        return {}
    share = int(words[0]) / int(words[1])
    return _fact(
        "quota",
        f"{share:g} processors",
        "Whoever uses up its share stands still until the next period: latencies show that, not the server.",
    )


def cgroup(root: Path) -> Fact:
    """Whether there is a version 2 hierarchy that can be written to; nothing where the system has no control groups."""
    of = root / "sys/fs/cgroup"
    if not of.is_dir():
        return {}
    if not (of / "cgroup.controllers").exists():
        return _fact(
            "cgroup", "version 1", "Load and servers cannot be kept apart by control groups, only by processor."
        )
    if not os.access(of / "cgroup.procs", os.W_OK):
        return _fact(
            "cgroup",
            "version 2, read-only",
            "Load and servers cannot be kept apart by control groups, only by processor.",
        )
    return _fact("cgroup", "version 2")


def load() -> Fact:
    """What runs beside us."""
    try:
        one, five, _ = os.getloadavg()
    except OSError:
        return {}
    count = os.cpu_count() or 1
    busy = (
        "Others are at work here: verdicts may stay undecided. Measure when it is quiet." if one > 0.5 * count else ""
    )
    return _fact("load", f"{one:.1f} in the last minute, {five:.1f} in five", busy)


def steal(root: Path) -> Fact:
    """Share of all processor time that the hypervisor kept, since the start of the machine (proc(5), /proc/stat)."""
    first = _text(root / "proc/stat").partition("\n")[0].split()[1:]
    times = [int(word) for word in first if word.isdigit()]
    total = sum(times[:8])
    if len(times) < 8 or not total:
        return {}
    share = times[7] / total
    lost = "A neighbour on the host takes this much of the processors." if share > STEAL else ""
    return _fact("steal", f"{share:.1%} since the start", lost)


def frequency(root: Path) -> Fact:
    """The governor of the clock; nothing where the system does not tell, as in most virtual machines."""
    value = _text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    varies = "" if value == "performance" else "The clock follows the load: the first seconds of a run are slower."
    return _fact("frequency", value, varies) if value else {}


def turbo(root: Path) -> Fact:
    """Whether the clock may rise above its nominal rate."""
    off = _text(root / "sys/devices/system/cpu/intel_pstate/no_turbo")
    boost = {"0": "1", "1": "0"}.get(off) or _text(root / "sys/devices/system/cpu/cpufreq/boost")
    if boost not in ("0", "1"):
        return {}
    warm = "A cool processor is faster than a warm one: pairs are compared, never two runs an hour apart."
    return _fact("boost", "on" if boost == "1" else "off", warm if boost == "1" else "")


def power(root: Path) -> Fact:
    """Mains or battery; nothing on a machine without a battery."""
    supplies = root / "sys/class/power_supply"
    states = {_text(path) for path in supplies.glob("*/status")} if supplies.is_dir() else set()
    if not states - {""}:
        return {}
    if "Discharging" in states:
        return _fact("power", "battery", "Processors slow down on battery. Plug in.")
    return _fact("power", "mains")


def swap(root: Path) -> Fact:
    """How much is swapped out, in MB; nothing where the system does not tell."""
    rows = (line.split() for line in _text(root / "proc/meminfo").splitlines())
    kilobytes = {row[0].rstrip(":"): int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}
    if "SwapTotal" not in kilobytes:
        return {}
    used = (kilobytes["SwapTotal"] - kilobytes.get("SwapFree", 0)) // 1024
    slow = "A page that is read back from disk takes milliseconds. Close what you do not need." if used > 100 else ""
    return _fact("swap", f"{used} MB used", slow)


def clock(root: Path) -> Fact:
    """The kernel's clock source: some cost a system call each time that they are read."""
    source = _text(root / "sys/devices/system/clocksource/clocksource0/current_clocksource")
    quick = ("tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page")
    slow = "" if source in quick else "Reading this clock is slow: short times look longer than they are."
    return _fact("clock", source, slow) if source else {}
