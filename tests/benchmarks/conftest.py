from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _lock_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test measures is no evidence: it neither waits for a measurement on this machine nor holds one up."""
    monkeypatch.setattr("benchmarks.lock.LOCK", tmp_path / "measuring.lock")
