"""Several claims in one call: statements side by side, effects alone, a line each."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from synthetic import behaviour, effect

from benchmarks import experiments
from benchmarks.commands import added, brief, cli, many
from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.ledger import ledger
from benchmarks.run import runs, short
from benchmarks.store import records
from benchmarks.store.records import Record
from labs.errors import Missing, OptionError

STATEMENTS = ["fastcgi-options", "fastcgi-protocol", "fastcgi-daemon"]
ROWS = [ledger()[claim] for claim in ("tune-keepalive", *STATEMENTS, "fastcgi-startup")]


def test_statements_go_side_by_side_and_effects_after_them_alone() -> None:
    together, running, seen = threading.Barrier(3, timeout=20), set(), []

    def measure(row: Any, aside: bool) -> tuple[dict[str, Any], int]:
        assert aside is (row.kind == "behaviour")
        running.add(row.id)
        if aside:
            together.wait()  # all three are here at the same time
        else:
            assert running == {row.id}
        seen.append(row.id)
        running.discard(row.id)
        return {"id": row.id}, 0

    found = many.run(ROWS, measure, at_a_time=3)
    assert [entry["id"] for entry, _ in found] == [row.id for row in ROWS], "told in the order that was asked for"
    assert set(seen[:3]) == set(STATEMENTS)


def test_one_at_a_time_keeps_the_order() -> None:
    seen: list[str] = []
    many.run(ROWS, lambda row, _aside: (seen.append(row.id) or {}, 0), at_a_time=1)
    assert seen == [row.id for row in ROWS]


def test_what_a_thread_raises_is_raised() -> None:
    def measure(row: Any, _aside: bool) -> tuple[dict[str, Any], int]:
        if row.id == "fastcgi-daemon":
            raise KeyboardInterrupt
        return {}, 0

    with pytest.raises(KeyboardInterrupt):
        many.run(ROWS, measure, at_a_time=2)


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for minutes of load: statements hold, one has no server, effects are four times."""
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    monkeypatch.setattr(experiments, "names", lambda: [row.id for row in ROWS])
    for claim in STATEMENTS:
        records.write(behaviour(claim), records.REFERENCE)
    records.write(effect("tune-keepalive", ratio=4.0), records.REFERENCE)

    def measure(experiment: Any, *, folder: Path, profile: str, **_: Any) -> Record:
        if experiment.claim == "fastcgi-daemon":
            raise Missing("lighttpd", "make servers")
        data = behaviour(experiment.claim) if isinstance(experiment, Behaviour) else effect(experiment.claim, blocks=1)
        data = {**data, "profile": profile}
        if experiment.claim == "fastcgi-startup":
            data["blocks"][0]["void"] = "a neighbour took the processor"
        return Record(data=data, path=records.write(data, folder))

    monkeypatch.setattr(runs, "measure", measure)


@pytest.mark.usefixtures("measured")
def test_a_line_a_claim_with_its_answer(capsys: pytest.CaptureFixture[str]) -> None:
    claims = [row.id for row in ROWS]
    assert cli.main(["run", *claims, "--profile", "smoke", "--brief", "--json"]) == 1
    seen = capsys.readouterr()
    answers = {entry["id"]: (entry["answer"] or {}).get("answer") for entry in json.loads(seen.out)}
    assert answers["fastcgi-options"] == answers["tune-keepalive"] == "as in the book"
    assert answers["fastcgi-daemon"] is None
    lines = {line.split()[0]: line for line in seen.err.splitlines()}
    assert set(lines) == set(claims)
    assert "as in the book   off is better, 4" in lines["tune-keepalive"]
    assert "cannot tell" in lines["fastcgi-daemon"]
    assert "lighttpd is not on this machine" in lines["fastcgi-daemon"]


def test_a_disturbed_run_is_told_with_its_number_and_cause(measured: None) -> None:
    records.write(effect("fastcgi-startup", ratio=4.0), records.REFERENCE)
    data = {**effect("fastcgi-startup", blocks=1), "profile": "smoke"}
    data["blocks"][0]["void"] = "a neighbour took the processor"
    from benchmarks.commands import terminal

    name, rest = brief.said(terminal.told(ledger()["fastcgi-startup"], Record(data=data)))
    assert name == "cannot tell"
    assert rest.startswith("off is better, 4")
    assert "disturbed, does not count" in rest
    assert rest.endswith("disturbed: a neighbour took the processor")


@pytest.mark.usefixtures("measured")
def test_short_blocks_are_added_and_the_rest_of_the_record_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[str] = []

    def run_experiment(experiment: Any, profile: Any, **_: Any) -> dict[str, Any]:
        made.append(experiment.claim)
        narrowed = experiment.narrowed("smoke")
        arms = narrowed.favoured, narrowed.against
        data = effect(experiment.claim, blocks=profile.blocks, arms=arms, sweep={5: 0.5, 40: 4.0})
        chosen = profile.for_experiment(experiment)
        windows = {name: getattr(chosen, name) for name in ("warmup", "seconds", "later", "blocks")}
        plan = {**json.loads(json.dumps(narrowed.to_json()))}
        return {**data, "experiment": plan, "profile": "smoke", "windows": windows}

    monkeypatch.setattr(short, "run_experiment", run_experiment)
    monkeypatch.setattr(short.fingerprint, "commit", lambda: "abc1234")
    before = records.reference("tune-keepalive")
    added.run(ROWS)
    after = records.reference("tune-keepalive")
    assert made == ["tune-keepalive"], "of an effect that has a record"
    assert {key: value for key, value in after.data.items() if key != "short"} == before.data
    assert after.short is not None
    assert len(after.short.counted) == short.BLOCKS
    added.run(ROWS, missing=True)
    assert made == ["tune-keepalive"]
    assert "has its short blocks" in capsys.readouterr().out
    monkeypatch.setattr(short.fingerprint, "commit", lambda: "abc1234+")
    with pytest.raises(OptionError, match="commit your changes"):
        added.run(ROWS)
