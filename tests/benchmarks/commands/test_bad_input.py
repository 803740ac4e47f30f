"""What people get wrong, and what breaks: each is one clear line and an exit status, and leaves nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from synthetic import effect

from benchmarks.commands import cli
from benchmarks.run import runs
from benchmarks.store import records
from benchmarks.store.records import Record

CLAIM = "tune-keepalive"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    monkeypatch.delenv("BOOK_PROFILE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


WRONG_USE = [
    (["run", "tune-keepalife"], "Did you mean tune-keepalive"),
    (["run", "fastcgi-options", "tune-keepalife"], "Did you mean tune-keepalive"),
    (["run", CLAIM, "--profile", "fast"], "--profile fast: one of smoke, lesson, reference"),
    (["run", CLAIM, "--wait", "-3"], "wait"),
    (["run", CLAIM, "--seed", "one"], "seed"),
    (["run", CLAIM, "--record-as-reference", "--settings", "shop.settings"], "a reference record is of the newsroom"),
    (["run"], "name claims, or give --all"),
    (["report", "tune-keepalife"], "Did you mean tune-keepalive"),
    (["replay", "tune-keepalife"], "Did you mean tune-keepalive"),
    (["replay", CLAIM, "--wait", "-1"], "wait"),
    (["compare", "tune-keepalife"], "Did you mean tune-keepalive"),
    (["compare", CLAIM, "--figure", "both.pdf"], "must end in .svg or .png"),
    (["control", "--times", "-1"], "times"),
    (["crosscheck", CLAIM, "--profile", ""], "smoke, lesson, reference"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_USE, ids=[" ".join(each) for each, _ in WRONG_USE])
def test_wrong_use_has_status_2(
    arguments: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err and captured.out == ""
    assert listing(folder) == {}


def test_a_profile_of_the_environment_is_checked_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOOK_PROFILE", "quick")
    assert cli.main(["run", CLAIM]) == 2
    assert "--profile quick: one of" in capsys.readouterr().err


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    """A record that somebody has opened in an editor."""

    def edit(text: str) -> str:
        data = json.loads(text)
        change(data)
        return json.dumps(data)

    return edit


def undigested(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    """The same by somebody who took the digest out as well."""

    def both(data: dict[str, Any]) -> None:
        del data["digest"]
        change(data)

    return edited(both)


def first(data: dict[str, Any]) -> dict[str, Any]:
    trial: dict[str, Any] = data["blocks"][0]["trials"][0]
    return trial


BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "empty": (lambda _: "", "breaks off or is damaged at line 1"),
    "truncated": (lambda text: text[: len(text) // 2], "breaks off or is damaged at line"),
    "no JSON": (lambda _: "a record", "breaks off or is damaged at line 1"),
    "no object": (lambda _: "[1, 2]", "it is no JSON object"),
    "older": (edited(lambda data: data.update(format=0)), "format is 0, of an older version; this one reads 1"),
    "newer": (edited(lambda data: data.update(format=2)), "A newer checkout reads it"),
    "no format": (edited(lambda data: data.pop("format")), "format is None"),
    "half a record": (edited(lambda data: data.pop("blocks")), "blocks is missing"),
    "a number changed": (edited(lambda data: first(data).update(cpu_seconds=4.0)), "was changed after it was written"),
    "a block left out": (undigested(lambda data: data["blocks"].pop(2)), "a block is missing"),
    "a count changed": (undigested(lambda data: first(data).update(requests=999)), "999 requests, and 1000 in its"),
    "a negative time": (undigested(lambda data: first(data).update(seconds=-1)), "seconds is -1, no number of zero"),
    "not a number": (undigested(lambda data: first(data).update(seconds=float("nan"))), "seconds is nan"),
    "a broken histogram": (undigested(lambda data: first(data).update(latency="HISTF")), "is no histogram"),
    "another claim": (undigested(lambda data: data.update(id="tune-swap")), "its name must be tune-swap.json"),
}


@pytest.mark.parametrize("command", ["report", "replay", "compare"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_record_has_status_1_and_stays_as_it_is(
    name: str, command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, said = BROKEN[name]
    path = records.write(effect(), folder / "mine")
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")
    records.write(effect(), folder / "other")
    before = listing(folder)
    other = [str(folder / "other")] if command == "compare" else []
    assert cli.main([command, str(path), *other]) == 1
    captured = capsys.readouterr()
    assert said in captured.err and "tune-keepalive" in captured.err
    assert len(captured.err.strip().splitlines()) == 1, captured.err
    assert captured.out == ""
    assert listing(folder) == before


@pytest.mark.parametrize("command", ["report", "replay"])
def test_bytes_that_are_no_text(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / f"{CLAIM}.json").write_bytes(b"\xff\xfe\x00")
    assert cli.main([command, f"{CLAIM}.json"]) == 1
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["report", "none.json"], ["replay", "none.json"], ["compare", "none.json", "other.json"]]
)
def test_a_record_that_is_not_there(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 1
    assert "There is no record at none.json." in capsys.readouterr().err


def test_a_disk_that_is_full_keeps_what_is_finished(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second block finds no room: the first is still there, and the run can go on from it."""
    data = effect(blocks=2) | {"stopped": "not over", "windows": {"warmup": 0.5, "seconds": 2.5, "blocks": 10}}

    def measure(_experiment: object, *, folder: Path, **_: Any) -> Record:
        records.write({**data, "blocks": data["blocks"][:1]}, folder)
        monkeypatch.setattr(records.os, "fsync", full)  # type: ignore[attr-defined]
        return Record(data=data, path=records.write(data, folder))

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs, "measure", measure)
    assert cli.main(["run", CLAIM]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "No space left on device. Make room on that disk" in said
    assert f"python -m benchmarks run {CLAIM} --go-on" in said
    [path] = [each for each in (folder / "results").rglob("*") if each.is_file()]
    assert len(records.read(path).blocks) == 1
