from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from synthetic import behaviour, effect

from benchmarks import experiments
from benchmarks.commands import cli
from benchmarks.plan.behaviour import Behaviour
from benchmarks.run import runs
from benchmarks.store import records
from benchmarks.store.records import Record
from labs.errors import LabError, Missing

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    monkeypatch.delenv("BOOK_PROFILE", raising=False)
    some = Behaviour(claim="fastcgi-options", checks=lambda _deploy: [])
    monkeypatch.setattr(experiments, "get", lambda _claim: some)
    monkeypatch.setattr(experiments, "names", lambda: ["fastcgi-options", "tune-keepalive"])


def measured(monkeypatch: pytest.MonkeyPatch, *results: dict[str, Any] | BaseException) -> None:
    """Stand in for minutes of load: each run gives the next of `results`."""
    left = list(results)

    def measure(_experiment: object, *, folder: Path, say: Callable[[runs.Step], None], **_: Any) -> Record:
        result = left.pop(0)
        if isinstance(result, BaseException):
            raise result
        say(runs.Step(share=0.1, text="block 1/10   ratio 4.0", left=41.0, over=True))
        return Record(data=result, path=records.write(result, folder))

    monkeypatch.setattr(runs, "measure", measure)


def test_a_run_says_blocks_verdict_regime_and_record(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(monkeypatch, effect())
    assert cli.main(["run", "tune-keepalive"]) == 0
    said = capsys.readouterr().out
    assert "block 1/10   ratio 4.0   0:41 left" in said
    assert re.search(r"holds +4\.0 times \(95 % interval 3\.9 to 4\.2\), 10 blocks", said)
    assert re.search(r"regime +40 readers, 10 workers", said)
    assert re.search(r"limited by +on: workers held by idle connections\n +off: CPU of the server", said)
    assert "tune-keepalive.json" in said


def test_a_behaviour_that_no_longer_holds_is_a_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(monkeypatch, behaviour(holds=False))
    assert cli.main(["run", "fastcgi-options"]) == 0
    assert "a wrong option: nothing (expected an error)" in capsys.readouterr().out


def test_json_is_only_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    measured(monkeypatch, effect(), Missing("lighttpd", "make servers"))
    assert cli.main(["run", "tune-keepalive", "fastcgi-options", "--json"]) == 3
    first, second = json.loads(capsys.readouterr().out)
    assert (first["id"], first["verdict"]) == ("tune-keepalive", "holds")
    assert (second["verdict"], second["record"]) == ("cannot run here", None)
    assert "make servers" in second["reason"]


@pytest.mark.parametrize(
    ("arguments", "results", "status"),
    [
        (["run", "tune-keepalive"], [LabError("no")], 1),
        (["run", "tune-keepalive"], [Missing("lighttpd", "make servers")], 3),
        (["run", "--all"], [Missing("lighttpd", "make servers"), effect()], 0),
        (["run", "tune-keepalive", "fastcgi-options"], [LabError("no"), Missing("lighttpd", "make servers")], 1),
        (["run", "tune-keepalive"], [KeyboardInterrupt()], 130),
        (["run"], [], 2),
        (["run", "tune-keepalive", "--all"], [], 2),
        (["run", "tune-keepalive", "--profile", "fast"], [], 2),
        (["run", "tune-swap"], [], 2),
        (["run", "tune-swop"], [], 2),
        (["report", "tune-swop"], [], 2),
        (["report", "tune-swap"], [], 1),
        (["nonsense"], [], 2),
        (["scorecard", "--nonsense"], [], 2),
    ],
)
def test_exit_status(arguments: list[str], results: list[Any], status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(monkeypatch, *results)
    assert cli.main(arguments) == status


def test_ctrl_c_says_what_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    measured(monkeypatch, KeyboardInterrupt())
    assert cli.main(["run", "tune-keepalive"]) == 130
    assert "The blocks that were finished are kept." in capsys.readouterr().err


def test_only_void_blocks_fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    data = effect(blocks=2)
    for block in data["blocks"]:
        block["void"] = "refused connections"
    measured(monkeypatch, data)
    assert cli.main(["run", "tune-keepalive"]) == 1
    assert "2 blocks did not count" in capsys.readouterr().out


def test_a_near_claim_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "tune-keepalife"]) == 2
    assert "Did you mean tune-keepalive" in capsys.readouterr().err


def test_the_reference_is_written_where_it_is_tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    measured(monkeypatch, effect())
    cli.main(["run", "tune-keepalive", "--record-as-reference"])
    assert (records.REFERENCE / "tune-keepalive.json").exists()
    assert not records.OWN.exists()


def test_report_and_scorecard(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    measured(monkeypatch, effect())
    cli.main(["run", "tune-keepalive"])
    capsys.readouterr()
    assert cli.main(["report", "tune-keepalive"]) == 0
    assert "Repeat it: python -m benchmarks run tune-keepalive" in capsys.readouterr().out
    assert cli.main(["scorecard", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 60
    assert cli.main(["scorecard"]) == 0
    assert re.search(r"tune-keepalive +not yet +holds  4\.0", capsys.readouterr().out)
    assert cli.main(["list", "--json"]) == 0
    assert sum(row["runs"] for row in json.loads(capsys.readouterr().out)) == 2


COMMANDS = ["list", "run", "scorecard", "report", "compare", "replay", "crosscheck"]


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_teaches_by_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*command, "--help"]) == 0
    said = capsys.readouterr().out
    examples = re.findall(r"python -m benchmarks ([a-z]+)", said.split("Usage:")[1].split("\n", 1)[1])
    assert set(examples) <= set(COMMANDS)
    assert examples


def test_plain_lines_where_there_is_no_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 61
