"""The journals that the book shows are read by their types, and written again as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.codec import WrongError, decode, encode
from benchmarks.store import journal
from benchmarks.trust import campaign, reproduction
from benchmarks.trust.campaign import Done

SERIES = sorted(reproduction.REFERENCE.glob("*.jsonl"))


def test_every_session_of_the_campaign() -> None:
    entries = journal.read(campaign.REFERENCE)[1:]
    assert entries
    assert [Done.from_json(entry).to_json() for entry in entries] == entries


@pytest.mark.parametrize("path", SERIES, ids=[path.stem for path in SERIES])
def test_every_run_of_a_series(path: Path) -> None:
    entries = journal.read(path)
    assert entries
    assert [encode(decode(reproduction.Run, entry)) for entry in entries] == [
        {"faults": [], **entry} for entry in entries
    ]


def test_a_line_of_another_kind_is_refused() -> None:
    entry = journal.read(campaign.REFERENCE)[1]
    with pytest.raises(WrongError, match="burn is None"):
        Done.from_json({name: value for name, value in entry.items() if name != "burn"})
    with pytest.raises(WrongError, match="tool is 'ab'"):
        Done.from_json({**entry, "tool": "ab"})
    first, *rest = entry["comparisons"]
    with pytest.raises(WrongError, match=r"comparisons\[0\]\.ratios\.pss is 'much', not list"):
        Done.from_json({**entry, "comparisons": [{**first, "ratios": {"pss": "much"}}, *rest]})
