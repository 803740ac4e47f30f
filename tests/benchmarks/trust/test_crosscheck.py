from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from small_server import SmallServer
from synthetic import effect

from benchmarks.commands import cli
from benchmarks.plan.event import Event
from benchmarks.plan.experiment import Arm, Experiment, Factor, Window
from benchmarks.plan.workload import Closed
from benchmarks.run.drain import drain
from benchmarks.store import records
from benchmarks.store.records import Record
from benchmarks.trust import crosscheck
from benchmarks.trust.crosscheck import NotCheckableError
from benchmarks.trust.foreign import GENERATORS


def experiment(**changes: Any) -> Experiment:
    plan: dict[str, Any] = {
        "claim": "reference",
        "arms": {"kept": Arm("keeping"), "closed": Arm("closing")},
        "favoured": "kept",
        "against": "closed",
        "workload": Closed(users=2, page="/hello"),
        "metric": "cpu_per_request",
        "matters": 0.1,
        "expected": "favoured",
        "regime": "2 users without pause",
        "windows": {"smoke": Window(warmup=0.2, seconds=0.5, blocks=1)},
    }
    return Experiment(**{**plan, **changes})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"workload": Closed(users=2, page="/", pause=(1, 2))}, "its users pause"),
        ({"workload": Closed(users=2, pages=("/a", "/b"))}, "more than one page"),
        ({"workload": Closed(users=2, page="/articles/{}/")}, "more than one page"),
        ({"workload": Closed(users=2, user="browser")}, "more than one page"),
        ({"simultaneous": True}, "at the same time"),
        ({"arms": {"kept": Arm("keeping", events=(Event(print),)), "closed": Arm("closing")}}, "within the window"),
    ],
)
def test_what_only_locust_can_do_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(NotCheckableError, match=why):
        crosscheck.adapt(experiment(**changes))


def test_a_sweep_is_checked_at_its_main_point() -> None:
    factor = Factor(
        name="workers",
        label="workers",
        unit="",
        values=(1, 4),
        main=4,
        options=lambda workers: {"workers": workers},
        workload=lambda workers: {"users": 2 * workers},
    )
    found = crosscheck.adapt(experiment(factor=factor))
    assert found.factor is None
    assert found.workload.users == 8
    assert found.arms["kept"].options == {"workers": 4}


def checked(factor: float, **changes: Any) -> Record:
    """A record in which wrk sees what we do, and ab `factor` times our ratio of CPU time."""
    data = copy.deepcopy(effect("reference", **changes))
    for block in data["blocks"]:
        for trial in block["trials"]:
            plain = {"requests": trial["requests"], "seconds": trial["seconds"], "failures": 0}
            cost = trial["cpu_seconds"]
            against = trial["arm"] == data["experiment"]["against"]
            trial["others"] = {
                "wrk": {**plain, "cpu_seconds": cost},
                "ab": {**plain, "cpu_seconds": cost * factor if against else cost},
            }
    return Record(data=data)


@pytest.mark.parametrize(("factor", "agrees"), [(1.0, True), (1.05, True), (1.5, False), (0.5, False)])
def test_they_agree_or_they_do_not(factor: float, agrees: bool) -> None:
    found = {(each.generator, each.metric): each for each in crosscheck.agreements(checked(factor))}
    assert found["wrk", "CPU/request"].agrees is True
    assert found["ab", "requests/s"].agrees is True
    ab = found["ab", "CPU/request"]
    assert ab.agrees is agrees
    assert ab.quotient.estimate == pytest.approx(factor)
    text = repr(crosscheck.table(checked(factor)))
    assert ("What is known to differ" in text) is not agrees


def test_too_few_blocks_cannot_tell() -> None:
    record = checked(1.0, blocks=1)
    assert {each.agrees for each in crosscheck.agreements(record)} == {None}
    assert "undecided" in repr(crosscheck.table(record))


def test_ratios_above_one_speak_for_the_chapter_by_both_metrics() -> None:
    record = checked(1.0, ratio=4.0)
    data = copy.deepcopy(dict(record.data))
    for block in data["blocks"]:
        for trial in block["trials"]:
            if trial["arm"] == data["experiment"]["favoured"]:
                for seen in (trial, *trial["others"].values()):
                    seen["seconds"] /= 2
    found = {each.metric: each.ours.estimate for each in crosscheck.agreements(Record(data=data))}
    assert found["CPU/request"] == pytest.approx(4, rel=0.1)
    assert found["requests/s"] == pytest.approx(2)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.delenv("BOOK_PROFILE", raising=False)
    return tmp_path / "results"


@pytest.mark.servers
def test_all_three_load_the_same_servers(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for generator in GENERATORS.values():
        if generator.program.look() is None:
            pytest.skip(f"{generator.name} is not on this machine")
    started = []

    def deploy(name: str, *, cpus: set[int] | None = None, **_: object) -> SmallServer:
        started.append(SmallServer(cpus=cpus, threads=1 if name == "closing" else 4))
        return started[-1]

    for rule in ("objection", "machine"):  # this machine may be busy, and the windows are short
        monkeypatch.setattr(f"benchmarks.run.voiding.{rule}", lambda *_: None)
    drained: list[str] = []
    monkeypatch.setattr(crosscheck, "drain", lambda url: drained.append(url) or drain(url))
    monkeypatch.setattr("labs.deploy", deploy)
    monkeypatch.setattr("benchmarks.experiments.get", lambda _claim: experiment())
    assert cli.main(["crosscheck", "reference", "--profile", "smoke"]) == 0
    assert len(started) == 2, "one start an arm serves all three"
    assert sorted(drained) == sorted([server.url for server in started] * 2), "after wrk and after ab"
    [path] = own.glob("crosscheck/*/reference.json")
    record = records.read(path)
    assert {"wrk", "ab"} <= record.data["versions"].keys()
    for trial in record.blocks[0].trials:
        assert sorted(trial.turns or ()) == ["Locust", "ab", "wrk"]
        assert all(seen.requests > 0 and seen.cpu_seconds > 0 for seen in (trial.others or {}).values())
    assert "requests/s   wrk" in capsys.readouterr().out
    assert records.own("reference") == [], "no record of the claim's own verdict"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["tune-keepalive"], 1, "its users pause"),
        (["fastcgi-options"], 2, "true or false"),
        (["referense"], 2, "Did you mean reference"),
        (["reference", "--profile", "fast"], 2, "smoke, lesson, reference"),
        (["reference", "--wait", "-1"], 2, "wait"),
    ],
)
@pytest.mark.usefixtures("own")
def test_wrong_use(arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["crosscheck", *arguments]) == status
    assert said in capsys.readouterr().err


def test_json_has_no_object_that_is_not_plain() -> None:
    found = crosscheck.agreements(checked(1.0))[0]
    assert dataclasses.asdict(found).items() <= found.to_json().items()
