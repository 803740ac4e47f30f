from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from synthetic import behaviour, effect

from benchmarks import records
from benchmarks.records import NoRecordError, RecordError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    return tmp_path / "results"


@pytest.mark.parametrize("data", [effect(), behaviour(), effect(sweep={0: 0.5, 10: 2.0})])
def test_what_is_written_is_read(data: dict[str, Any], tmp_path: Path) -> None:
    path = records.write(data, tmp_path / "a folder")
    assert records.read(path).data == data
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_record_cut_short_says_what_to_do(tmp_path: Path) -> None:
    path = records.write(effect(), tmp_path)
    path.write_text(path.read_text("utf-8")[:-500], "utf-8")
    with pytest.raises(RecordError, match=r"breaks off or is damaged at line \d+.* run tune-keepalive"):
        records.read(path)


def changed(*path: Any, to: Any) -> dict[str, Any]:
    data = copy.deepcopy(effect())
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    if to is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed("format", to=2), "format is 2"),
        (changed("kind", to="rumour"), "kind is 'rumour'"),
        (changed("recorded_at", to="yesterday"), "recorded_at is no time"),
        (changed("experiment", "favoured", to="neither"), "favoured is 'neither', none of the arms off, on"),
        (changed("blocks", 2, "trials", 1, "latency", to=KeyError), r"blocks\[2\]\.trials\[1\]\.latency is missing"),
        (changed("blocks", 0, "trials", 0, "requests", to="many"), r"requests is 'many', no number"),
        (changed("blocks", 0, "trials", 0, "cpu_seconds", to=-1), r"cpu_seconds is -1"),
        (changed("blocks", 0, "trials", 0, "arm", to="of"), r"arm is 'of', none of the arms"),
        (changed("blocks", 3, "trials", to=[]), r"blocks\[3\] has no trial of arm 'off'"),
        (changed("blocks", 3, "void", to=7), r"blocks\[3\]\.void must be null or a reason"),
    ],
)
def test_a_broken_record_names_the_place(data: dict[str, Any], message: str, tmp_path: Path) -> None:
    (tmp_path / "tune-keepalive.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(RecordError, match=message):
        records.read(tmp_path / "tune-keepalive.json")
    with pytest.raises(RecordError, match=message):
        records.write(data, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_a_void_block_may_lack_trials(tmp_path: Path) -> None:
    data = changed("blocks", 3, "trials", to=[])
    data["blocks"][3]["void"] = "a neighbour took the processor"
    record = records.read(records.write(data, tmp_path))
    assert len(record.counted) == 9


def test_a_file_must_be_named_after_its_claim(tmp_path: Path) -> None:
    path = records.write(effect(), tmp_path).rename(tmp_path / "tune-swap.json")
    with pytest.raises(RecordError, match=r"its name must be tune-keepalive\.json"):
        records.read(path)


def test_the_newest_own_record_counts(own: Path) -> None:
    records.write(effect(seed=1), own / "2026-01-01-100000")
    records.write(effect(seed=2), own / "2026-01-02-100000")
    assert records.latest("tune-keepalive").data["seed"] == 2
    assert len(records.own("tune-keepalive")) == 2


@pytest.mark.usefixtures("own")
def test_nothing_recorded_says_how_to() -> None:
    with pytest.raises(NoRecordError, match="python -m benchmarks run tune-keepalive"):
        records.latest("tune-keepalive")
    with pytest.raises(NoRecordError, match="no reference record yet"):
        records.reference("tune-keepalive")


def test_the_reference_comes_before_ones_own(own: Path) -> None:
    records.write(effect(seed=2), own / "2026-01-02-100000")
    assert records.best("tune-keepalive").data["seed"] == 2
    records.write(effect(seed=3), records.REFERENCE)
    assert records.best("tune-keepalive").data["seed"] == 3


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    data = effect()
    data["fingerprint"]["odd"] = object()
    with pytest.raises(TypeError):
        records.write(data, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_runs_in_one_second_get_two_folders(own: Path) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    first = records.new_folder(now)
    first.mkdir(parents=True)
    assert records.new_folder(now).name == "2026-01-02-030405-2"
    assert own.is_dir()


def test_every_tracked_record_is_whole() -> None:
    for path in sorted(records.REFERENCE.glob("*.json")):
        records.read(path)
