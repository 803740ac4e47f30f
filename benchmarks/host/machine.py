"""The machine that a record came from, as the system tells it: nothing that names its owner."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

CPU = Path("/sys/devices/system/cpu")
CGROUP = Path("/sys/fs/cgroup")
# Settings of the kernel that shape a server's load on loopback: how many connections may wait, how a port is used again.
KERNEL = ("net/core/somaxconn", "net/ipv4/tcp_tw_reuse", "net/ipv4/tcp_max_syn_backlog")


def machine() -> dict[str, Any]:
    """CPU, memory, kernel and system, and the limits that this process runs under; None where the system does not say.

    cpus_usable       CPUs that this process may use
    shared_cache      CPUs, as Linux lists them, that share the last cache with the first one: they are no strangers
    threads_a_core    hardware threads of one core
    governor          how the kernel chooses the clock rate
    memory_bytes      of the machine; memory_limit and cpu_limit are those of this process's control group
    open_files        how many this process may have open
    clock             what the kernel reads the time from: a slow one makes every measurement of time slow
    """
    return {
        "cpu": cpu_model(),
        "cpus": os.cpu_count(),
        "cpus_usable": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "shared_cache": _shared_cache(),
        "threads_a_core": _threads_a_core(),
        "governor": _line(CPU / "cpu0/cpufreq/scaling_governor"),
        "memory_bytes": psutil.virtual_memory().total,
        "swap_bytes": psutil.swap_memory().total,
        "memory_limit": _line(CGROUP / "memory.max"),
        "cpu_limit": _line(CGROUP / "cpu.max"),
        "open_files": _open_files(),
        "kernel": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "os": operating_system(),
        "virtual": virtual(),
        "clock": _line(Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")),
        "settings": {name.replace("/", "."): found for name in KERNEL if (found := _line(Path("/proc/sys") / name))},
    }


def cpu_model() -> str:
    """As the kernel calls it."""
    text = _read(Path("/proc/cpuinfo"))
    if match := re.search(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", text, re.MULTILINE):
        return match[1].strip()
    if sys.platform == "darwin":
        try:
            asked = subprocess.run(
                ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=True
            )
            return asked.stdout.strip()
        except (OSError, subprocess.SubprocessError):
            pass
    return platform.processor() or platform.machine()


def operating_system() -> str:
    """The distribution, or the version of macOS."""
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def virtual() -> str | None:
    """What is known of a container or a guest around this process, or of both; None where nothing is."""
    found = []
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        found.append("container")
    if re.search(r"^flags\s*:.*\bhypervisor\b", _read(Path("/proc/cpuinfo")), re.MULTILINE):
        product = _line(Path("/sys/class/dmi/id/sys_vendor"))
        found.append(f"virtual machine ({product})" if product else "virtual machine")
    return " in a ".join(found) or None


def siblings(cpu: int) -> set[int]:
    """The CPUs that are hardware threads of the same core, itself among them; itself alone where the system does not say."""
    found = {cpu}
    for part in _read(CPU / f"cpu{cpu}/topology/thread_siblings_list").split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit():
            found |= set(range(int(first), int(last or first) + 1))
    return found


def _shared_cache() -> str | None:
    levels = sorted((CPU / "cpu0/cache").glob("index*/level"), key=_read)
    return _line(levels[-1].with_name("shared_cpu_list")) if levels else None


def _threads_a_core() -> int | None:
    cores = psutil.cpu_count(logical=False)
    return (os.cpu_count() or 1) // cores if cores else None


def _open_files() -> int | None:
    import resource  # not on every system

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def _line(path: Path) -> str | None:
    return _read(path).strip() or None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
