from __future__ import annotations

from collections.abc import Sequence

import pytest
import synthetic

from benchmarks.store import records
from benchmarks.store.records import Record
from benchmarks.trust import agreement
from benchmarks.trust.agreement import agreements, table
from benchmarks.trust.reproduction import Run


def runs(claim: str, *verdicts: str, noisy: bool = False) -> list[Run]:
    return [
        Run(
            claim=claim,
            profile="lesson",
            noisy=noisy,
            seed=seed,
            verdict=verdict,
            ratio=None,
            low=None,
            high=None,
            void=1,
            seconds=60.0,
            recorded_at="2026-11-29T12:00:00+00:00",
            machine="a CPU, 2 CPUs",
            code="abc",
        )
        for seed, verdict in enumerate(verdicts, 1)
    ]


def made() -> Sequence[Run]:
    return [*runs("tune-keepalive", "holds", "holds", "undecided"), *runs("fastcgi-options", *["holds"] * 3)]


def test_undecided_counts_as_different() -> None:
    keepalive, options = agreements(made(), {})
    assert (keepalive.verdict, keepalive.same, keepalive.runs) == ("holds", 2, 3), "without a record, the most frequent"
    assert keepalive.others == {"undecided": 1}
    assert (options.same, options.runs) == (3, 3)
    assert [keepalive.effect, options.effect] == [True, False]
    [never] = agreements(runs("tune-keepalive", "undecided", "undecided"), {})
    assert (never.verdict, never.same, never.others) == (None, 0, {"undecided": 2})


def test_the_verdict_of_the_book_is_what_runs_are_held_against() -> None:
    [found] = agreements(runs("tune-keepalive", "holds", "holds"), {"tune-keepalive": "no longer holds"})
    assert (found.verdict, found.same, found.others) == ("no longer holds", 0, {"holds": 2})


def test_quiet_and_noisy_runs_are_apart() -> None:
    found = agreements(
        [*runs("tune-keepalive", "holds"), *runs("tune-keepalive", "undecided", noisy=True)],
        {"tune-keepalive": "holds"},
    )
    assert [(each.noisy, each.same) for each in found] == [(False, 1), (True, 0)]


def test_the_book_says_what_its_records_say(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "tune-keepalive": synthetic.effect(ratio=4.0, noise=0.02),
        "scale-media": synthetic.effect(ratio=1.0, noise=2.0),
    }
    monkeypatch.setattr(records, "find_reference", lambda claim: Record(data=said[claim]) if claim in said else None)
    assert agreement.recorded() == {"tune-keepalive": "holds"}, "nothing is held against what is undecided"


def test_the_table_ends_with_all_effects_and_all_behaviours() -> None:
    text = table(agreements(made(), {}))
    assert text.rows[-2:] == [
        ["all effects", "nothing", "", "2 of 3", "67%"],
        ["all behaviours", "nothing", "", "3 of 3", "100%"],
    ]
    assert str(text.note).startswith("6 blocks did not count")
