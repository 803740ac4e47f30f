from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from small_server import SmallServer
from synthetic import behaviour, effect

from benchmarks.commands import cli
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed
from benchmarks.run import resuming, runs
from benchmarks.run.progress import Progress
from benchmarks.run.resuming import OtherRunError
from benchmarks.store import origin, records
from benchmarks.store.records import Record


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")


def unjudged(patch: pytest.MonkeyPatch) -> None:
    """Blocks count however busy this machine is: their windows are too short to be judged."""
    for rule in ("objection", "machine"):
        patch.setattr(f"benchmarks.run.voiding.{rule}", lambda *_: None)


class Servers:
    """What `labs.deploy` does, with small servers."""

    def __call__(self, _name: str, *, cpus: set[int] | None = None, **_: object) -> SmallServer:
        return SmallServer(cpus=cpus, threads=4)


def experiment(**changes: Any) -> Experiment:
    plan: dict[str, Any] = {
        "claim": "tune-keepalive",
        "arms": {"kept": Arm("keeping"), "closed": Arm("closing")},
        "favoured": "kept",
        "against": "closed",
        "workload": Closed(users=2),
        "metric": "cpu_per_request",
        "matters": 0.1,
        "expected": "favoured",
        "regime": "2 users without pause",
        "windows": {"smoke": Window(warmup=0.1, seconds=0.3, blocks=3)},
    }
    return Experiment(**{**plan, **changes})


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The record of a run that Ctrl+C ended in its second block of three, as a file holds it."""
    from benchmarks.run import blocks

    kept: list[dict[str, Any]] = []

    def interrupt(step: Progress) -> None:
        if len(step.blocks) == 1 and step.phase == "window":
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.host.lock.LOCK", tmp_path_factory.mktemp("lock") / "lock")
        unjudged(patch)
        with pytest.raises(KeyboardInterrupt):
            blocks.run_experiment(
                experiment(), "smoke", seed=7, deploy=Servers(), on_progress=interrupt, on_record=kept.append
            )
    found: dict[str, Any] = json.loads(json.dumps(kept[-1]))
    return found


@pytest.fixture
def path(interrupted: dict[str, Any]) -> Path:
    return records.write(interrupted, records.OWN / "2026-01-01-000000")


@pytest.mark.servers
def test_a_run_goes_on_where_it_was_interrupted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labs.deploy", Servers())
    unjudged(monkeypatch)
    earlier = resuming.find("tune-keepalive")
    assert earlier is not None
    assert resuming.finished(earlier) == "1 of 3 blocks", earlier.blocks[0].void
    record = runs.measure(experiment(), say=lambda _step: None, **resuming.options(earlier))
    assert record.path == path
    assert (record.profile, record.data["seed"], record.data["stopped"]) == ("smoke", 7, "budget")
    first, second, third = record.data["blocks"]
    assert first == earlier.data["blocks"][0]
    assert [second["number"], third["number"]] == [2, 3]
    draws = [Random(f"7/{number}").sample(["kept", "closed"], 2) for number in (1, 2, 3)]
    assert [first["order"], second["order"], third["order"]] == draws, "as in a run that nobody interrupted"
    assert record.data["recorded_at"] == earlier.data["recorded_at"]
    assert len(record.data["went_on"]) == 1
    assert record.data["seconds"] > sum(block["seconds"] for block in record.data["blocks"])
    assert record.data["cost"]["load"]["seconds"] > earlier.data["cost"]["load"]["seconds"]
    assert records.read(path).data == record.data, "its numbers fit each other"
    assert resuming.find("tune-keepalive") is None


def altered(data: dict[str, Any], *place: str, to: Any) -> dict[str, Any]:
    changed = json.loads(json.dumps(data))
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = to
    return changed  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("place", "to", "message"),
    [
        (("fingerprint", "kernel"), "Linux 2.6.18", r"kernel Linux 2\.6\.18 against Linux"),
        (("fingerprint", "code"), "0123456789abcdef", "commit .* against"),
        (("versions", "django"), "0.95", r"django 0\.95 against 5\."),
        (("experiment", "matters"), 0.2, r"matters of the experiment \(0\.2, now 0\.1\)"),
        (("experiment", "workload"), {"kind": "closed", "users": 3}, "workload of the experiment"),
        (("windows", "seconds"), 4.0, r"seconds of the profile \(4\.0, now 0\.3\)"),
        (("site",), {"settings": "shop.settings", "page": "/"}, r"site shop\.settings, page / against the newsroom"),
        (("stopped",), "budget", "is of a run that is over"),
    ],
)
def test_another_run_is_refused(place: tuple[str, ...], to: Any, message: str, interrupted: dict[str, Any]) -> None:
    record = Record(data=altered(interrupted, *place, to=to))
    with pytest.raises(OtherRunError, match=message):
        resuming.check(record, experiment(), Servers())


def test_the_same_run_is_not_refused(interrupted: dict[str, Any]) -> None:
    resuming.check(Record(data=interrupted), experiment(), Servers())


def test_what_one_record_does_not_say_is_no_difference() -> None:
    old = {"commit": "abc", "versions": {"nginx": "1.22"}, "fingerprint": {"cpu": "one"}}
    new = {"commit": "abc", "versions": {"nginx": "1.22", "scipy": "1"}, "fingerprint": {"cpu": "one", "clock": "tsc"}}
    assert origin.differs(old, new) == {}
    assert origin.differs(old, {**new, "commit": "def"}) == {"commit": ("abc", "def")}
    both = [
        {**each, "fingerprint": {**each["fingerprint"], "code": "same"}} for each in (old, {**new, "commit": "def"})
    ]
    assert origin.differs(*both) == {}, "a commit of words"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["tune-often", "--go-on"], 1, "tune-often has no interrupted run"),
        (["tune-oftan", "--go-on"], 2, "Did you mean tune-often"),
        (["results/none/tune-often.json", "--go-on"], 1, "There is no record at"),
        (["--all", "--go-on"], 2, "named claims"),
        (["tune-often", "--wait", "-1"], 2, "wait"),
    ],
)
def test_nothing_to_go_on_with(
    arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", *arguments]) == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("data", [effect(), behaviour(), effect(blocks=0) | {"stopped": "not over"}])
def test_runs_that_are_over(data: dict[str, Any]) -> None:
    assert not resuming.unfinished(Record(data=data))


def test_a_new_run_says_that_one_was_interrupted(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from labs.errors import LabError

    def measure(*_: object, **how: Any) -> Record:
        raise LabError(f"goes on: {how.get('earlier') is not None}, in {how['folder'].name}")

    monkeypatch.setattr(runs, "measure", measure)
    cli.main(["run", "tune-keepalive", "--profile", "smoke"])
    said = capsys.readouterr().out
    assert "interrupted      1 of 3 blocks are finished in" in said and "add --go-on" in said
    cli.main(["run", "tune-keepalive", "--go-on"])
    assert "goes on: True, in 2026-01-01-000000" in capsys.readouterr().out
    cli.main(["run", str(path), "--go-on"])
    assert "goes on: True, in 2026-01-01-000000" in capsys.readouterr().out
