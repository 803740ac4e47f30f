from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from synthetic import behaviour, effect

from benchmarks import experiments
from benchmarks.commands import cli
from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.profiles import Profile
from benchmarks.plan.workload import Closed
from benchmarks.run import replay, runs
from benchmarks.run.replay import NotRepeatableError
from benchmarks.store import origin, records
from benchmarks.store.records import Record

PLAN = Experiment(
    claim="tune-keepalive",
    arms={"off": Arm("fastcgi-apache", {"keepalive": 0}), "on": Arm("fastcgi-apache")},
    favoured="off",
    against="on",
    workload=Closed(users=40),
    metric="cpu_per_request",
    matters=0.1,
    expected="favoured",
    regime="40 readers",
    windows={"lesson": Window(warmup=9.0, seconds=9.0)},
)
HERE = {"commit": "abc1234", "versions": {"Apache": "synthetic"}, "fingerprint": {"machine": "synthetic", "cpus": 2}}


def recorded(**changes: Any) -> dict[str, Any]:
    """A record of the plan as it is, unless something is changed."""
    data = effect(seed=7) | HERE | {"windows": {"warmup": 0.5, "seconds": 2.5, "blocks": 10}}
    data["experiment"] = json.loads(json.dumps(PLAN.to_json()))
    return data | changes


@pytest.fixture
def again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the run was asked for; its result is `again["result"]`, a record like the first one where nobody says another."""
    asked: dict[str, Any] = {"result": recorded()}

    def measure(plan: object, *, folder: Path, say: object, **how: Any) -> Record:
        asked.update(how, plan=plan)
        return Record(data=asked["result"], path=records.write(asked["result"], folder))

    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    monkeypatch.setattr(runs, "measure", measure)
    monkeypatch.setattr(origin, "here", lambda *_: HERE)
    monkeypatch.setattr(experiments, "get", lambda _claim: PLAN)
    return asked


def test_the_same_run_with_the_same_verdict(again: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    records.write(recorded(), records.REFERENCE)
    assert cli.main(["replay", "tune-keepalive"]) == 0
    said = capsys.readouterr()
    assert said.err == "", "nothing has changed since"
    assert "recorded   holds: 4." in said.out and "replayed   holds: 4." in said.out
    assert said.out.endswith("the verdict stands\n")
    assert again["seed"] == 7
    profile = again["profile"]
    assert isinstance(profile, Profile)
    assert (profile.name, profile.warmup, profile.seconds, profile.blocks) == ("lesson", 0.5, 2.5, 10)
    assert again["plan"].windows == {}, "the windows of the record, not those that the plan asks for today"


def test_another_verdict_has_a_status(again: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    path = records.write(recorded(), records.OWN / "2026-01-01-000000")
    again["result"] = effect(ratio=0.3)
    assert cli.main(["replay", str(path)]) == 1
    assert "the verdict does not stand" in capsys.readouterr().out
    assert cli.main(["replay", str(path), "--json"]) == 1
    entry = json.loads(capsys.readouterr().out)
    assert [side["verdict"] for side in entry["sides"]] == ["holds", "no longer holds"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"versions": {"Apache": "1.3"}}, "Apache was 1.3, is synthetic"),
        ({"commit": "0000000"}, "commit was 0000000, is abc1234"),
        ({"fingerprint": {"cpus": 64}}, "cpus was 64, is 2"),
        ({"experiment": PLAN.to_json() | {"matters": 0.2}}, "changed since: matters of the experiment (0.2, now 0.1)"),
    ],
)
@pytest.mark.usefixtures("again")
def test_what_has_changed_since_is_told_first(
    changes: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    records.write(recorded(**changes), records.REFERENCE)
    cli.main(["replay", "tune-keepalive"])
    assert capsys.readouterr().err == f"not as it was  {said}\n"


def test_a_behaviour_is_looked_at_again(again: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(experiments, "get", lambda claim: Behaviour(claim=claim, checks=lambda _deploy: []))
    again["result"] = behaviour(holds=False)
    pair = replay.replay(Record(data=behaviour()), folder=tmp_path, say=lambda _step: None)
    assert not pair.agrees


@pytest.mark.usefixtures("again")
def test_a_site_must_be_named_again(tmp_path: Path) -> None:
    own = Record(data=recorded(site={"settings": "shop.settings", "page": "/cart/"}))
    with pytest.raises(NotRepeatableError, match=r"shop\.settings, page /cart/: name its project again with --site"):
        replay.replay(own, folder=tmp_path, say=lambda _step: None)


def test_a_record_from_before_windows_were_kept_takes_those_of_its_profile() -> None:
    data = recorded()
    del data["windows"]
    assert replay.recorded(Record(data=data)).name == "lesson"
