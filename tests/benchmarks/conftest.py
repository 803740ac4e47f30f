from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_server import SmallServer

from benchmarks.load.process import Generator


@pytest.fixture(scope="module")
def generator() -> Iterator[Generator]:
    with Generator() as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[SmallServer]:
    with SmallServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _disturbances_are_welcome(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests run beside this one, on every processor, the generator's too: no block is void for what they use."""
    for rule, limit in {"STRANGER": 100.0, "LATE": 10.0, "SKEW": 10.0, "STEAL": 1.0}.items():
        monkeypatch.setattr(f"benchmarks.run.voiding.{rule}", limit)


@pytest.fixture(autouse=True)
def _lock_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test measures is no evidence: it neither waits for a measurement on this machine nor holds one up."""
    monkeypatch.setattr("benchmarks.host.lock.LOCK", tmp_path / "measuring.lock")
