"""A result that still stands is kept, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import synthetic
from typer.testing import CliRunner

from benchmarks.commands import cli
from benchmarks.host import fingerprint, source
from benchmarks.result import kept
from benchmarks.store import records

CLAIM = "tune-keepalive"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write a record of this machine as a smoke run of the code as it is would have left it, then changed."""
    monkeypatch.setattr(records, "OWN", tmp_path)

    def store(change: Callable[[dict[str, Any]], object] = lambda _data: None, blocks: int = 10) -> None:
        data = synthetic.effect(CLAIM, blocks=blocks)
        data["profile"] = "smoke"
        data["windows"] = {"warmup": 1.0, "seconds": 20.0, "blocks": 10}
        data["stopped"] = "settled"
        data["fingerprint"] = {**fingerprint.fingerprint(), "code": source.code()}
        data["versions"] = {**fingerprint.versions(), "nginx": "1.22.1"}
        change(data)
        records.write(data, tmp_path / "2026-01-01-000000")

    return store


def test_a_result_of_this_code_on_this_machine_is_kept(store: Callable[..., None]) -> None:
    assert kept.kept(CLAIM, "smoke") is None
    store()
    found = kept.kept(CLAIM, "smoke")
    assert found is not None and found.id == CLAIM
    assert kept.kept(CLAIM, "lesson") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["fingerprint"].update(code="0" * 16),
        lambda data: data["fingerprint"].update(kernel="Linux 2.6.18"),
        lambda data: data["versions"].update(django="0.95"),
        lambda data: data.update(stopped="not over"),
    ],
    ids=["code", "kernel", "django", "interrupted"],
)
def test_a_result_of_something_else_is_measured_again(
    store: Callable[..., None], change: Callable[[dict[str, Any]], object]
) -> None:
    store(change)
    assert kept.kept(CLAIM, "smoke") is None


def test_a_damaged_record_is_measured_again(store: Callable[..., None], tmp_path: Path) -> None:
    store()
    path = tmp_path / "2026-01-01-000000" / f"{CLAIM}.json"
    path.write_text(path.read_text()[:-200])
    assert kept.kept(CLAIM, "smoke") is None


def test_the_digest_sees_every_file_that_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "labs" / "results").mkdir(parents=True)
    (tmp_path / "benchmarks").mkdir()
    template = tmp_path / "labs" / "server.conf"
    template.write_text("listen 80")
    monkeypatch.setattr(source, "ROOT", tmp_path)

    def digest() -> str:
        source.code.cache_clear()
        return source.code()

    try:
        before = digest()
        (tmp_path / "labs" / "results" / "x.json").write_text("{}")
        assert digest() == before
        template.write_text("listen 81")
        assert digest() != before
    finally:
        source.code.cache_clear()


def test_the_command_tells_of_a_kept_result(store: Callable[..., None]) -> None:
    store()
    told = CliRunner().invoke(cli.app, ["run", CLAIM, "--profile", "smoke", "--missing"])
    assert told.exit_code == 0
    assert "measured" in told.output and CLAIM in told.output
