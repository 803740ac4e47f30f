from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from benchmarks.plan import ledger as module
from benchmarks.plan.ledger import LedgerError, UnknownClaimError, ledger, parse

GOOD: dict[str, Any] = {
    "format": 1,
    "sections": [{"key": "tune", "name": "Tuning"}],
    "claims": [
        {"id": "tune-x", "section": "tune", "kind": "effect", "title": "X", "statement": "X is so.", "page": None}
    ],
}


def test_sixty_claims_in_the_order_of_the_chapter() -> None:
    rows = list(ledger())
    assert len(rows) == 60
    assert (rows[0].id, rows[-1].id) == ("intro-easy", "comments")
    assert Counter(row.section for row in rows) == {
        "intro": 2, "shared": 4, "modpython": 14, "fastcgi": 16, "reference": 1, "scale": 16, "tune": 6, "page": 1,
    }  # fmt: skip
    keys = [section.key for section in ledger().sections]
    assert [row.section for row in rows] == sorted((row.section for row in rows), key=keys.index)
    assert Counter(row.kind for row in rows) == {"effect": 37, "behaviour": 23}


def test_every_statement_is_one_plain_sentence() -> None:
    for row in ledger():
        assert row.statement.endswith("."), row.id
        assert row.statement.count(". ") == 0, row.id
        assert len(row.statement) <= 140, row.id
        assert len(row.title) <= 36, row.id


def test_an_unknown_claim_offers_near_ones() -> None:
    with pytest.raises(UnknownClaimError, match="Did you mean tune-keepalive"):
        ledger()["tune-keepalife"]
    with pytest.raises(UnknownClaimError, match="python -m benchmarks list"):
        ledger()["zzzzzz"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "opinion"}, "kind 'opinion' is none of behaviour, effect"),
        ({"section": "cooking"}, "section 'cooking' is none of tune"),
        ({"statement": " "}, "statement must be text"),
        ({"page": 3}, "page must be text or null"),
        ({"verdict": "holds"}, "unknown field verdict"),
        ({"says": "perhaps"}, "neither 'difference' nor 'no difference'"),
    ],
)
def test_a_wrong_row_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        parse({**GOOD, "claims": [{**GOOD["claims"][0], **change}]})


def test_the_same_id_twice() -> None:
    with pytest.raises(LedgerError, match="'tune-x' is there twice"):
        parse({**GOOD, "claims": GOOD["claims"] * 2})


def test_damaged_json_names_its_line(tmp_path: Any) -> None:
    path = tmp_path / "ledger.json"
    path.write_text('{"format": 1,\n"claims": [', "utf-8")
    with pytest.raises(LedgerError, match="line 2"):
        module.load(path)


def test_the_file_holds_no_result() -> None:
    data = json.loads(module.PATH.read_text("utf-8"))
    assert all(not {"verdict", "ratio", "low", "high"} & set(claim) for claim in data["claims"])
