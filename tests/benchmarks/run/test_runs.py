from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from synthetic import behaviour, effect

from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.experiment import Experiment
from benchmarks.result import summary
from benchmarks.run import blocks, looking, runs
from benchmarks.run.progress import Progress
from benchmarks.store import records
from benchmarks.store.records import Record
from labs.own.changes import Watch, described

if TYPE_CHECKING:
    from pathlib import Path


class Planned(Experiment):
    """An experiment that only says what its record would say."""

    def __init__(self, data: dict[str, Any]) -> None:
        object.__setattr__(self, "data", data)

    def narrowed(self, _profile: str) -> Planned:
        return self

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = self.data["experiment"]  # type: ignore[attr-defined]
        return found


def going(data: dict[str, Any], done: int, phase: str, **more: Any) -> Progress:
    return Progress(
        claim=data["id"],
        phase=phase,
        block=done + (phase not in ("done", "void")),
        of=10,
        elapsed=3.0,
        left=41.0,
        blocks=records.blocks_of(data)[:done],
        **more,
    )


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[runs.Step]:
    """What a run of three blocks, the second of them void, says of itself."""
    data = effect(noise=0.02)
    data["blocks"][1]["void"] = "refused connections"

    def run_experiment(
        _experiment: object, _profile: str, *, on_progress: Any, on_record: Any, **_: Any
    ) -> dict[str, Any]:
        on_progress(going(data, 0, "window", arm="off"))
        for done in (1, 2, 3):
            void = data["blocks"][done - 1]["void"]
            on_progress(going(data, done, "void" if void else "done", detail=void))
            on_record({**data, "blocks": data["blocks"][:done]})
        return data

    monkeypatch.setattr(blocks, "run_experiment", run_experiment)
    told: list[runs.Step] = []
    record = runs.measure(Planned(data), folder=tmp_path, say=told.append)
    assert record.path == tmp_path / "tune-keepalive.json"
    return told


def test_a_run_tells_how_it_goes(steps: list[runs.Step]) -> None:
    assert str(steps[0]) == "block 1/10   off: window   0:41 left"
    assert str(steps[1]).startswith("block 1/10   off 5.")
    assert "ratio 3.9" in str(steps[1]) or "ratio 4." in str(steps[1])
    assert steps[2].text.endswith("does not count: refused connections")
    assert [step.over for step in steps] == [False, True, True, True]
    assert [step.share for step in steps] == [0.0, 0.1, 0.1, 0.2]


def test_the_same_reason_is_said_once() -> None:
    data, told = effect(), []
    teller = runs.Teller(experiment=data["experiment"], say=lambda step: told.append(step.text))
    for done, why in enumerate(
        ["CGI: 500 for /.\n  log of 10:00", "CGI: 500 for /.\n  log of 10:01", "other"], start=1
    ):
        data["blocks"][done - 1]["void"] = why
        teller(going(data, done, "void", detail=why))
    assert told[0].endswith("does not count: CGI: 500 for /.\n  log of 10:00")
    assert told[1].endswith("does not count, for the same reason")
    assert told[2].endswith("does not count: other")


def test_finished_blocks_survive_an_interruption(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = effect()

    def interrupted(*_: Any, on_record: Any, **__: Any) -> dict[str, Any]:
        on_record({**data, "blocks": data["blocks"][:4]})
        raise KeyboardInterrupt

    monkeypatch.setattr(blocks, "run_experiment", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runs.measure(Planned(data), folder=tmp_path, say=lambda _step: None)
    assert len(records.read(tmp_path / "tune-keepalive.json").blocks) == 4


def test_a_behaviour_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(looking, "run_behaviour", lambda *_: behaviour())
    looked_at = Behaviour(claim="fastcgi-options", checks=lambda _deploy: [])
    record = runs.measure(looked_at, folder=tmp_path, say=lambda _step: None)
    assert summary.sentence(record) == "holds: 2 of 2 checks as expected"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (effect(blocks=1), "undecided: 4.3 times (no interval from one block), 1 block; one block has no interval"),
        (effect(noise=0.01), "holds: 4.0 times (95 % interval 4.0 to 4.0), 10 blocks"),
        (effect(sweep={0: 0.5, 10: 2.0}), "holds when the time a page waits is above about 5 ms: 1.97 times"),
        (behaviour(holds=False), "no longer holds: 1 of 2 checks as expected"),
    ],
)
def test_sentence(data: dict[str, Any], sentence: str) -> None:
    assert summary.sentence(Record(data=data)).startswith(sentence)


def test_a_run_without_one_good_block_has_failed() -> None:
    data = effect(blocks=3)
    for block in data["blocks"]:
        block["void"] = "refused connections"
    assert summary.failed(Record(data=data))
    assert not summary.failed(Record(data=effect(blocks=1)))
    assert summary.failed(Record(data={**behaviour(), "checks": []}))
    assert not summary.failed(Record(data=behaviour(holds=False)))  # false is an answer


def test_a_run_says_whom_it_waits_for() -> None:
    told: list[runs.Step] = []
    teller = runs.Teller(experiment=effect()["experiment"], say=told.append)
    line = "waits for process 7 (tune-often, for 3 min); 1 other waits before this one"
    teller(going(effect(), 0, "waiting", detail=line))
    assert [(step.text, step.over, step.left) for step in told] == [(line, True, None)]
    for waited in (0.0, 61.0):
        waits = going(effect(), 0, "waiting", detail="waits for process 8", patience=1800.0)
        teller(dataclasses.replace(waits, elapsed=waited))
    assert told[1].text == "waits for process 8; waited 0:00 of at most 30:00"
    assert told[2].text == "waits for process 8; waited 1:01 of at most 30:00"
    assert [step.over for step in told[1:]] == [True, False]


@pytest.mark.parametrize("when", ["at the end", "before it is broken off"])
def test_a_run_that_changed_a_readers_project_counts_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, when: str
) -> None:
    """Whoever changed it: the blocks are void with the file's name, in the record too that a Ctrl+C leaves."""
    (project := tmp_path / "shop").mkdir()
    data = effect(blocks=2)

    def run_experiment(*_: Any, on_record: Any, **__: Any) -> dict[str, Any]:
        (project / "db.sqlite3").write_text("a row")
        if when == "at the end":
            return data
        on_record({**data, "blocks": data["blocks"][:1]})
        raise KeyboardInterrupt

    monkeypatch.setattr(blocks, "run_experiment", run_experiment)
    with suppress(KeyboardInterrupt):
        runs.measure(Planned(data), folder=tmp_path, say=lambda _: None, watch=lambda: Watch([project]))
    record = records.read(tmp_path / "tune-keepalive.json")
    assert summary.failed(record)
    assert {block.void for block in record.blocks} == {described(["db.sqlite3"])}
    assert record.data["changed"] == ["db.sqlite3"]


def test_a_run_that_changed_nothing_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = effect(blocks=2)
    monkeypatch.setattr(blocks, "run_experiment", lambda *_, **__: data)
    (project := tmp_path / "shop").mkdir()
    record = runs.measure(Planned(data), folder=tmp_path, say=lambda _: None, watch=lambda: Watch([project]))
    assert "changed" not in record.data
    assert not summary.failed(record)
