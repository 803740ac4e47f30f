from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from synthetic import behaviour, effect

from benchmarks import cli, comparison, records
from benchmarks.records import NoRecordError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")


def test_what_agrees_and_what_differs() -> None:
    records.write(effect(ratio=4.0), records.REFERENCE)
    own = effect(ratio=3.0, blocks=3)
    own["versions"] = {"Apache": "another"}
    own["profile"] = "smoke"
    records.write(own, records.OWN / "2026-01-01-000000")
    records.write(behaviour(), records.REFERENCE)  # only one side: not compared
    [found] = comparison.compare()
    assert found["agrees"]
    assert found["differs"] == {"Apache": ("synthetic", "another"), "profile": ("lesson", "smoke")}
    said = comparison.text(found)
    assert "tune-keepalive   the same verdict" in said
    assert "here          holds: 2.9 times" in said or "here          holds: 3.0 times" in said
    assert "Apache: synthetic in the book, another here" in said
    assert cli.main(["compare"]) == 0


def test_another_verdict_has_a_status() -> None:
    records.write(effect(ratio=4.0), records.REFERENCE)
    records.write(effect(ratio=0.3), records.OWN / "2026-01-01-000000")
    assert cli.main(["compare", "tune-keepalive"]) == 1


def test_nothing_to_compare() -> None:
    with pytest.raises(NoRecordError, match="No claim has both"):
        comparison.compare()
    with pytest.raises(NoRecordError, match="no reference record yet"):
        comparison.compare(["tune-keepalive"])
