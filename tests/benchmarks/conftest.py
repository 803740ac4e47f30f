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
def _strangers_are_welcome(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests run beside this one, on every processor."""
    monkeypatch.setattr("benchmarks.run.voiding.STRANGER", 100.0)


@pytest.fixture(autouse=True)
def _lock_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test measures is no evidence: it neither waits for a measurement on this machine nor holds one up."""
    monkeypatch.setattr("benchmarks.host.lock.LOCK", tmp_path / "measuring.lock")
