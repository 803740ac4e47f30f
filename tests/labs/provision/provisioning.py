"""Run the set-up programs as make does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]


def servers(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run("servers", *arguments)


def environment(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run("environment", *arguments)


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"labs.provision.{program}", *map(str, arguments)],
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
