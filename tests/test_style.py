"""The whole project is formatted, free of lint, and typed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from labs.paths import TOP


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=["lint", "format", "types"],
)
def test_style(command: tuple[str, ...]) -> None:
    said = subprocess.run(
        [sys.executable, "-m", *command], cwd=TOP, capture_output=True, text=True, timeout=110, check=False
    )
    assert said.returncode == 0, said.stdout[-4000:] + said.stderr[-2000:]
