from __future__ import annotations

import html
import json
import math
from random import Random
from typing import TYPE_CHECKING

import pytest
from synthetic import behaviour, effect

from benchmarks.commands import cli
from benchmarks.judge import statistics
from benchmarks.result import comparison
from benchmarks.show import figures
from benchmarks.store import records
from benchmarks.store.records import NoRecordError

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
    assert found.agrees
    assert found.differs == {"Apache": ("synthetic", "another"), "profile": ("lesson", "smoke")}
    said = str(found)
    assert "tune-keepalive   the same verdict" in said
    assert "here          holds: 2.9 times" in said or "here          holds: 3.0 times" in said
    assert "the ratios differ by 0.7" in said
    assert "Apache: synthetic against another" in said
    assert cli.main(["compare"]) == 0


def test_another_verdict_has_a_status() -> None:
    records.write(effect(ratio=4.0), records.REFERENCE)
    records.write(effect(ratio=0.3), records.OWN / "2026-01-01-000000")
    assert cli.main(["compare", "tune-keepalive"]) == 1


@pytest.fixture
def machines(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders of records: a claim that agrees, one that does not, a behaviour, and one that only the first has."""
    one, other = tmp_path / "one", tmp_path / "other" / "2026-01-01-000000"
    for folder, swapped, commit in ((one, 4.0, "aaa1111"), (other, 0.3, "bbb2222")):
        records.write({**effect(ratio=4.0, seed=len(commit)), "commit": commit}, folder)
        records.write({**effect("tune-often", ratio=swapped), "commit": commit}, folder)
        records.write(behaviour(), folder)
    records.write(effect("scale-media"), one)
    records.write(effect(ratio=0.2), other.with_name("2025-01-01-000000"))  # an older run: the newest counts
    return one, other.parent


def test_two_folders(machines: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    found = comparison.compare([str(folder) for folder in machines])
    assert {pair.first.id: pair.agrees for pair in found} == {
        "tune-keepalive": True,
        "tune-often": False,
        "fastcgi-options": True,
    }
    assert {pair.differs["commit"] for pair in found if pair.first.id != "fastcgi-options"} == {("aaa1111", "bbb2222")}
    assert cli.main(["compare", *map(str, machines), "--json"]) == 1
    entry = {each["id"]: each for each in json.loads(capsys.readouterr().out)}["tune-often"]
    assert [side["verdict"] for side in entry["sides"]] == ["holds", "no longer holds"]
    assert entry["quotient"]["high"] < 0.1


@pytest.mark.parametrize(("name", "start"), [("both.svg", b"<svg "), ("both.png", b"\x89PNG")])
def test_a_figure(name: str, start: bytes, machines: tuple[Path, Path], tmp_path: Path) -> None:
    assert cli.main(["compare", *map(str, machines), "--figure", str(tmp_path / name)]) == 1
    content = (tmp_path / name).read_bytes()
    assert content.startswith(start)
    if name.endswith("svg"):
        assert b"2 of 3 verdicts are the same. Without two ratios: fastcgi-options." in content
        picture = figures.pairs(comparison.compare([str(folder) for folder in machines]))
        assert picture.alt in html.unescape(picture.svg)


def test_two_records(machines: tuple[Path, Path], tmp_path: Path) -> None:
    one, other = machines[0] / "tune-often.json", machines[1] / "2026-01-01-000000" / "tune-often.json"
    assert [pair.agrees for pair in comparison.compare([str(one), str(other)])] == [False]
    records.write(effect("tune-often", ratio=3.9), records.REFERENCE)
    assert [pair.agrees for pair in comparison.compare(["tune-often", str(one)])] == [True], "the book's, and a file"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("one/tune-often.json", "one/tune-keepalive.json"), "is about tune-often and .* about tune-keepalive"),
        (("one", "none/"), "There is no record"),
        (("one", "empty"), "There is no record below"),
        (("one/scale-media.json", "other"), "have no claim in common"),
        (("one",), "has no other side"),
    ],
)
def test_sides_that_cannot_be_compared(
    names: tuple[str, ...], said: str, machines: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoRecordError, match=said):
        comparison.compare(names)


def test_the_quotient_of_two_runs_covers_the_truth() -> None:
    draw = Random(1)
    inside = 0
    for _ in range(400):
        one, other = ([math.exp(draw.gauss(0.5, sd)) for _ in range(n)] for sd, n in ((0.02, 10), (0.08, 6)))
        found = comparison.quotient(statistics.ratio_interval(one), statistics.ratio_interval(other))
        assert found is not None and found.low is not None and found.high is not None
        inside += found.low <= 1 <= found.high
    assert 370 <= inside <= 392  # 95 % of 400, with three standard errors; a pooled spread gives fewer


def test_nothing_to_compare() -> None:
    with pytest.raises(NoRecordError, match="No claim has both"):
        comparison.compare()
    with pytest.raises(NoRecordError, match="no reference record yet"):
        comparison.compare(["tune-keepalive"])
