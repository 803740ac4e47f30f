"""What went wrong while setting up."""

from __future__ import annotations

from pathlib import Path

from labs.errors import LabError


class SetUpError(LabError):
    """Setting up cannot go on. Its text is what the reader sees: what happened, where the log is, what to do next."""


def tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log, indented, and where the log is."""
    text = log.read_text(encoding="utf-8", errors="replace").strip() if log.exists() else ""
    shown = [f"    {line}" for line in text.splitlines()[-lines:]]
    return "\n".join([*shown, f"  The log is {log}"])
