from __future__ import annotations

import json
from pathlib import Path

import pytest
from synthetic import behaviour, effect, histogram

from benchmarks.plan.ledger import ledger
from benchmarks.result import scorecard
from benchmarks.store import records

CONTRACT = {
    "id",
    "kind",
    "page",
    "verdict",
    "ratio",
    "low",
    "high",
    "blocks",
    "profile",
    "recorded_at",
    "commit",
    "limiter",
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")


def entry(claim: str) -> dict[str, object]:
    return next(each for each in scorecard.entries() if each["id"] == claim)


def test_one_entry_a_claim_in_order_and_all_of_it_json() -> None:
    entries = scorecard.entries()
    assert [each["id"] for each in entries] == [row.id for row in ledger()]
    assert all(set(each) >= CONTRACT for each in entries)
    assert all(each["verdict"] is None and each["ratio"] is None and each["here"] is None for each in entries)
    json.dumps(entries)


def test_an_effect() -> None:
    records.write(effect(ratio=4.0), records.REFERENCE)
    found = entry("tune-keepalive")
    assert found["verdict"] == "holds"
    assert found["ratio"] == pytest.approx(4.0, rel=0.1)
    assert (found["blocks"], found["profile"]) == (10, "lesson")
    assert scorecard.line(found)[1:] == ("holds", "4.0 (3.9 to 4.2)", "")


def test_a_behaviour_has_no_ratio() -> None:
    records.write(behaviour(holds=False), records.REFERENCE)
    found = entry("fastcgi-options")
    assert (found["verdict"], found["ratio"], found["blocks"]) == ("no longer holds", None, None)


def test_a_sweep_says_where_its_ratio_was_seen() -> None:
    records.write(effect(sweep={0: 0.5, 10: 2.0}), records.REFERENCE)
    found = entry("tune-keepalive")
    assert (found["verdict"], found["point"]) == ("holds when", "10 ms")
    assert str(found["condition"]).startswith("the time a page waits is above about")


def test_this_machine_beside_the_reference() -> None:
    records.write(effect(ratio=4.0), records.REFERENCE)
    records.write(effect(ratio=3.0, seed=2), records.OWN / "2026-01-01-000000")
    assert scorecard.line(entry("tune-keepalive"))[3].startswith("as in the book  2.9")
    records.write(effect(ratio=0.5, seed=2), records.OWN / "2026-01-02-000000")
    assert scorecard.line(entry("tune-keepalive"))[3].startswith("no longer holds  0.4")


def test_what_cannot_be_judged_is_undecided_with_its_reason() -> None:
    data = effect()
    data["blocks"][2]["trials"][0] |= {"requests": 0, "latency": histogram([]).encoded}
    records.write(data, records.REFERENCE)
    found = entry("tune-keepalive")
    assert found["verdict"] == "undecided"
    assert "block 3" in str(found["reason"])


def test_a_broken_own_record_does_not_take_the_scorecard_down() -> None:
    folder = records.OWN / "2026-01-01-000000"
    folder.mkdir(parents=True)
    (folder / "tune-swap.json").write_text("{", "utf-8")
    here = entry("tune-swap")["here"]
    assert isinstance(here, dict)
    assert "damaged" in here["reason"]
