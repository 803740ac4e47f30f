"""What machine and versions a record came from: enough to judge it, nothing that names its owner."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("django", "locust", "gevent", "geventhttpclient", "flup", "gunicorn", "pymemcache", "hdrhistogram")


def cpu_ticks() -> tuple[float, float]:
    """Seconds stolen by other guests of the same host, and seconds in all, over every CPU since the start."""
    times = psutil.cpu_times()
    stolen = float(getattr(times, "steal", 0.0))
    # guest time is already part of user time (proc(5))
    total = sum(value for name, value in times._asdict().items() if not name.startswith("guest"))
    return stolen, float(total)


class Steal:
    """The share of CPU time that other guests of the host took, since this was made. Zero where nobody can know."""

    def __init__(self) -> None:
        self.stolen, self.total = cpu_ticks()

    def share(self) -> float:
        """From 0 to 1."""
        stolen, total = cpu_ticks()
        return (stolen - self.stolen) / (total - self.total) if total > self.total else 0.0


def commit() -> str | None:
    """The commit of this checkout, with a + where files were changed since; None where git cannot say."""
    try:
        found = _git("rev-parse", "--short", "HEAD")
        return f"{found}+" if _git("status", "--porcelain", "--untracked-files=no") else found
    except (OSError, subprocess.SubprocessError):
        return None


def fingerprint() -> dict[str, Any]:
    """CPU, memory, kernel, system and Python. No name of the host, no path, no user."""
    return {
        "cpu": cpu_model(),
        "cpus": os.cpu_count(),
        "cpus_usable": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "kernel": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "os": operating_system(),
        "virtual": virtual(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Python and the packages that take part, as installed here."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def cpu_model() -> str:
    """As the kernel calls it."""
    text = _read("/proc/cpuinfo")
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
    """A hint that this is a container or a guest; None where there is none."""
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "container"
    if re.search(r"^flags\s*:.*\bhypervisor\b", _read("/proc/cpuinfo"), re.MULTILINE):
        product = _read("/sys/class/dmi/id/sys_vendor").strip()
        return f"virtual machine ({product})" if product else "virtual machine"
    return None


def _git(*arguments: str) -> str:
    asked = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10)
    return asked.stdout.strip()


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
