"""What a record says does not change with the code that reads it.

`verdicts.json` holds what each tracked record said when this file was last made, by the record's digest. A record that is
measured anew has another digest, and joins when the file is made again: python tests/benchmarks/result/test_old_verdicts.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.result import scorecard
from benchmarks.store import records
from benchmarks.store.records import Record

FILE = Path(__file__).with_name("verdicts.json")
BEFORE: dict[str, dict[str, Any]] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
NUMBERS = ("ratio", "low", "high")
WORDS = ("verdict", "condition", "reason", "point", "blocks", "limiter")
TRACKED = {
    f"{path.parent.name}/{path.stem}": path
    for folder in (records.REFERENCE, records.CROSSCHECK)
    for path in sorted(folder.glob("*.json"))
}


def said(record: Record) -> dict[str, Any]:
    found = scorecard.result(record)
    return {"digest": records.digest(record.data), **{name: found[name] for name in NUMBERS + WORDS}}


@pytest.mark.parametrize("name", BEFORE)
def test_a_record_says_what_it_said(name: str) -> None:
    if name not in TRACKED:
        pytest.skip("there is no such record any more")
    now, before = said(records.read(TRACKED[name])), BEFORE[name]
    if now["digest"] != before["digest"]:
        pytest.skip("it was measured anew since")
    for each in NUMBERS + WORDS:
        assert now[each] == (pytest.approx(before[each], rel=1e-9) if isinstance(before[each], float) else before[each])


def test_some_of_them_are_still_as_they_were() -> None:
    same = [
        name
        for name in TRACKED.keys() & BEFORE
        if said(records.read(TRACKED[name]))["digest"] == BEFORE[name]["digest"]
    ]
    assert same, "all records were measured anew: make the file again"


if __name__ == "__main__":
    now = {name: said(records.read(path)) for name, path in TRACKED.items()}
    FILE.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", "utf-8")
