"""A short run beside the book's record: three answers, the direction always, and what is disturbed never passed over."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from synthetic import behaviour, effect, trial

from benchmarks.codec import encode
from benchmarks.result import seen
from benchmarks.result.held import held
from benchmarks.store import records
from benchmarks.store.records import Record, RecordError

WINDOWS = {"warmup": 0.3, "seconds": 0.6, "blocks": 1, "turns": 1}
LONG = {"warmup": 2.0, "seconds": 4.0, "blocks": 10, "turns": 1}


def smoke(ratio: float = 4.0, blocks: int = 1, **more: Any) -> Record:
    return Record(data={**effect(ratio=ratio, blocks=blocks, seed=7, **more), "profile": "smoke", "windows": WINDOWS})


def book(ratio: float = 4.0, *, short: bool = True, **more: Any) -> Record:
    data = {**effect(ratio=ratio, **more), "windows": LONG, "stopped": "settled"}
    if short:
        data["short"] = {**effect(ratio=ratio, blocks=8, seed=3, **more), "windows": WINDOWS}
    return Record(data=data)


def answer(here: Record, record: Record | None) -> str:
    found = held(here, record)
    assert found is not None
    return found.answer


def test_the_three_answers() -> None:
    assert answer(smoke(4.2), book(4.0)) == "as in the book"
    found = held(smoke(1.1), book(4.0))
    assert found is not None
    assert found.answer == "differs"
    assert found.direction == "off is better, by 13 %"
    assert found.sentence.startswith("differs: off is better, by 13 %; foretold: 2.")
    assert found.low is not None
    assert found.ratio is not None
    assert found.ratio < found.low
    few = Record(data={**book().data, "short": {**book().data["short"], "blocks": book().data["short"]["blocks"][:3]}})
    assert answer(smoke(), few) == "cannot tell"


def test_the_direction_is_shown_whatever_the_answer() -> None:
    assert held(smoke(0.4), book(0.4)).direction == "on is better, 2.4 times"  # type: ignore[union-attr]
    assert held(smoke(0.5), book(0.9)).direction.startswith("on is better")  # type: ignore[union-attr]


def test_a_disturbed_block_is_shown_and_not_judged() -> None:
    here = smoke(4.2)
    here.data["blocks"][0]["void"] = "something else used 0.8 s of the servers' processor\nand more"
    found = held(here, book(4.0))
    assert found is not None
    assert (found.answer, found.counted) == ("cannot tell", False)
    assert found.reason == "disturbed: something else used 0.8 s of the servers' processor"
    assert found.direction == "off is better, 4.3 times (disturbed, does not count)"
    assert found.ratio == pytest.approx(4.2, rel=0.2)


def test_a_block_that_broke_off_is_told_without_a_number() -> None:
    here = smoke()
    here.data["blocks"][0] |= {"void": "off: it did not start", "trials": here.data["blocks"][0]["trials"][:1]}
    found = held(here, book())
    assert found is not None
    assert (found.answer, found.ratio, found.direction) == ("cannot tell", None, "")
    assert "it did not start" in found.sentence


def test_one_disturbed_block_leaves_the_other() -> None:
    here = smoke(4.2, blocks=2)
    here.data["blocks"][0] |= {"void": "steal", "trials": [encode(trial("off")), encode(trial("on", cpu_ms=900.0))]}
    assert answer(here, book(4.0)) == "as in the book"
    assert seen.disturbances(here.blocks) == "steal"


def test_what_the_generator_limits_cannot_be_told() -> None:
    here = smoke()
    here.data["limits"] = ["on: limited by the generator: it used 90% of its processor"]
    found = held(here, book())
    assert found is not None
    assert found.sentence.startswith("cannot tell: on: limited by the generator")
    assert "off is better" in found.sentence


def test_a_record_without_short_blocks_foretells_less() -> None:
    """Processor time of a request does not depend on how long one looks; a share of failures does."""
    with_, without = held(smoke(4.2), book(4.0)), held(smoke(4.2), book(4.0, short=False))
    assert with_ is not None
    assert without is not None
    assert without.answer == "as in the book"
    assert without.low < with_.low  # type: ignore[operator]
    failing = held(smoke(metric="failed"), book(short=False, metric="failed"))
    assert failing is not None
    assert failing.answer == "cannot tell"
    assert "has no blocks of this length, and requests that fail depends on it" in failing.reason


def test_blocks_of_another_shape_are_no_short_blocks() -> None:
    other = copy.deepcopy(book(4.0))
    other.data["short"]["windows"] = {**WINDOWS, "seconds": 9.0}  # type: ignore[index]
    one, same = held(smoke(4.2), other), held(smoke(4.2), book(4.0))
    assert one is not None
    assert same is not None
    assert one.low < same.low  # type: ignore[operator]


@pytest.mark.parametrize(("failed", "expected"), [(0, "as in the book"), (3, "as in the book"), (900, "differs")])
def test_counts_are_held_as_counts(failed: int, expected: str) -> None:
    recorded, here = book(metric="failed"), smoke(metric="failed")
    here.data["blocks"][0]["trials"][1]["failures"] = {"status 502": failed}
    for block in recorded.data["short"]["blocks"]:
        block["trials"][1]["failures"] = {"status 502": 2}
    found = held(here, recorded)
    assert found is not None
    assert found.answer == expected
    assert "requests that fail: off 0 %, foretold 0 % to" in found.reason


def test_one_point_of_a_sweep_that_differs_is_enough() -> None:
    recorded = book(sweep={5: 0.5, 20: 2.0, 40: 4.0})
    here = smoke(sweep={5: 0.5, 40: 4.0})
    assert answer(here, recorded) == "as in the book"
    found = held(smoke(sweep={5: 2.5, 40: 4.0}), recorded)
    assert found is not None
    assert found.answer == "differs"
    assert "at 5 ms" in found.reason


def test_a_behaviour_is_true_or_false() -> None:
    yes, no = Record(data=behaviour()), Record(data=behaviour(holds=False))
    assert answer(yes, yes) == answer(no, no) == "as in the book"
    found = held(no, yes)
    assert found is not None
    assert found.sentence == "differs: 1 of 2 checks as expected; in the book 2 of 2: a wrong option"


def test_there_is_no_answer_where_the_book_has_nothing_to_say() -> None:
    assert held(smoke(), None) is None
    assert held(Record(data={**smoke().data, "site": {"settings": "shop", "page": "/"}}), book()) is None


def test_short_blocks_are_part_of_the_record_and_checked(tmp_path: Path) -> None:
    data = dict(book().data)
    data["short"] = {key: value for key, value in data["short"].items() if key not in ("format", "id", "kind")}
    found = records.read(records.write(data, tmp_path))
    assert found.short is not None
    assert len(found.short.counted) == 8
    assert found.short.id == found.id
    broken = copy.deepcopy(data)
    del broken["short"]["blocks"][2]["trials"][0]["requests"]
    with pytest.raises(RecordError, match=r"short\.blocks\[2\]\.trials\[0\]\.requests is missing"):
        records.write(broken, tmp_path)
    miscounted = copy.deepcopy(data)
    miscounted["short"]["blocks"][1]["trials"][0]["requests"] = 7
    records.write(miscounted, tmp_path)
    with pytest.raises(RecordError, match=r"short\.blocks\[1\].*has 7 requests"):
        records.read(tmp_path / "tune-keepalive.json")


def test_a_record_from_before_has_no_short_blocks() -> None:
    old = Record(data=effect())
    assert old.short is None
    assert answer(smoke(4.2), old) == "as in the book"
