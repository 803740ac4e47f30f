from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from synthetic import behaviour, effect, histogram

from benchmarks.store import records
from benchmarks.store.records import NoRecordError, RecordError

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
        (changed("format", to=2), "format is 2, of a newer version.* A newer checkout reads it"),
        (changed("format", to=0), "format is 0, of an older version.* Measure again"),
        (changed("format", to=None), "format is None; this one reads 1"),
        (changed("kind", to="rumour"), "kind is 'rumour'"),
        (changed("recorded_at", to="yesterday"), "recorded_at is no time"),
        (changed("site", to="shop"), "site is 'shop', not Mapping"),
        (changed("site", to={"settings": "shop.settings"}), r"site\.page is missing"),
        (changed("experiment", "favoured", to="neither"), "favoured is 'neither', none of the arms off, on"),
        (changed("blocks", 2, "trials", 1, "latency", to=KeyError), r"blocks\[2\]\.trials\[1\]\.latency is missing"),
        (changed("blocks", 0, "trials", 0, "requests", to="many"), r"requests is 'many', no number"),
        (changed("blocks", 0, "trials", 0, "cpu_seconds", to=-1), r"cpu_seconds is -1"),
        (changed("blocks", 0, "trials", 0, "arm", to="of"), r"arm is 'of', none of the arms"),
        (changed("blocks", 3, "trials", to=[]), r"blocks\[3\] has no trial of arm 'off'"),
        (changed("blocks", 3, "void", to=7), r"blocks\[3\]\.void is 7, not str, or null"),
    ],
)
def test_a_broken_record_names_the_place(data: dict[str, Any], message: str, tmp_path: Path) -> None:
    (tmp_path / "tune-keepalive.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(RecordError, match=message):
        records.read(tmp_path / "tune-keepalive.json")
    with pytest.raises(RecordError, match=message):
        records.write(data, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            changed("blocks", 2, "trials", 1, "requests", to=999),
            r"trials\[1\] has 999 requests, and 1000 in its histogram",
        ),
        (changed("blocks", 2, "trials", 1, "latency", to="HISTFAAAADt4"), r"trials\[1\]\.latency is no histogram"),
        (changed("blocks", 2, "trials", 1, "latency", to="§"), r"trials\[1\]\.latency is no histogram"),
        (
            changed("blocks", 2, "trials", 1, "page_latency", to=histogram([4.0], 7).encoded),
            "1000 pages, and 7 in its histogram",
        ),
        (changed("blocks", 2, "trials", 1, "unanswered", to=41), "41 unanswered of 40 users"),
        (changed("blocks", 2, "number", to=4), r"blocks\[2\]\.number is 4"),
        (changed("blocks", 2, "order", to=["off", "off"]), r"blocks\[2\]\.order is off, off"),
        ({**behaviour(), "holds": False}, "holds is False, and its checks say True"),
        ({**behaviour(), "checks": []}, "holds is True, and its checks say False"),
    ],
)
def test_numbers_that_do_not_fit_each_other(data: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / f"{data['id']}.json"
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(RecordError, match=message):
        records.read(path)


def test_more_cpu_than_there_is(tmp_path: Path) -> None:
    data = changed("blocks", 2, "trials", 1, "server_cpus", to=1)
    data["blocks"][2]["trials"][1]["cpu_seconds"] = 30.0
    (tmp_path / "tune-keepalive.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(RecordError, match="more than 1 CPUs have in 20 s"):
        records.read(tmp_path / "tune-keepalive.json")


def test_servers_that_used_more_than_all_together(tmp_path: Path) -> None:
    data = changed("blocks", 2, "trials", 1, "servers", to={"nginx": {"cpu_seconds": 100.0, "pss_bytes": 1}})
    (tmp_path / "tune-keepalive.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(RecordError, match="its servers used 100 s of CPU, and the whole of them"):
        records.read(tmp_path / "tune-keepalive.json")


def test_a_number_changed_by_hand_does_not_pass(tmp_path: Path) -> None:
    path = records.write(effect(), tmp_path)
    data = json.loads(path.read_text("utf-8"))
    data["blocks"][0]["trials"][0]["cpu_seconds"] *= 1.01  # fits all the others
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(RecordError, match="was changed after it was written"):
        records.read(path)


def test_another_layout_of_the_same_numbers_passes(tmp_path: Path) -> None:
    path = records.write(effect(), tmp_path)
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(dict(reversed(data.items()))), "utf-8")
    assert records.read(path).data == effect()


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


def yours(settings: str = "shop.settings", page: str = "/") -> dict[str, Any]:
    return effect() | {"site": {"settings": settings, "page": page}}


def test_a_record_is_of_the_site_that_it_says(own: Path) -> None:
    """Whatever folder it lies in: one of the newsroom is none of yours, and one of yours none of the newsroom."""
    records.write(effect(seed=1), own / "2026-01-01-000000")
    records.write(yours(), own / "2026-01-02-000000")
    records.write(yours(), own / "site" / "2026-01-03-000000")
    records.write(yours("blog.settings"), own / "site" / "2026-01-04-000000")
    records.write(effect(seed=5), own / "site" / "2026-01-05-000000")
    assert records.latest("tune-keepalive").data["seed"] == 1
    assert records.latest("tune-keepalive", site=True).data["site"]["settings"] == "blog.settings"
    shop = records.latest("tune-keepalive", site=True, like={"settings": "shop.settings", "page": "/"})
    assert shop.path == own / "site" / "2026-01-03-000000" / "tune-keepalive.json"
    with pytest.raises(NoRecordError):
        records.latest("tune-keepalive", site=True, like={"settings": "shop.settings", "page": "/cart/"})


def test_mine_is_the_newest_of_either_kind(own: Path) -> None:
    with pytest.raises(NoRecordError, match="has not been measured on this machine yet"):
        records.mine("tune-keepalive")
    records.write(yours(), own / "site" / "2026-01-02-000000")
    (only,) = records.mine("tune-keepalive")
    assert only.data["site"]["settings"] == "shop.settings"
    records.write(effect(), own / "2026-01-01-000000")
    assert ["site" in record.data for record in records.mine("tune-keepalive")] == [False, True]
    records.write(effect(), own / "2026-01-03-000000")
    assert ["site" in record.data for record in records.mine("tune-keepalive")] == [True, False]


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


SMALL = 4096  # bytes that a file may have


def full(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own whose files may not grow beyond `SMALL`, as a disk that is full."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({SMALL}, {SMALL}))"
    return subprocess.run(
        [sys.executable, "-c", f"{limit}\n{command}", str(folder)],
        cwd=records.CHECKOUT,
        env={**os.environ, "PYTHONPATH": f".{os.pathsep}tests/benchmarks", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


WRITING = """
import sys; from pathlib import Path; from synthetic import effect; from benchmarks.store import records
try:
    records.write(effect(blocks=10), Path(sys.argv[1]))
except records.RecordError as error:
    sys.exit(str(error))
"""


def test_where_there_is_no_room_what_was_there_stays(tmp_path: Path) -> None:
    before = records.write(effect(blocks=1), tmp_path)
    done = full(tmp_path, WRITING)
    assert done.returncode == 1
    assert "cannot be written: File too large. A limit on the size of files" in done.stderr
    assert "run tune-keepalive --go-on" in done.stderr
    assert len(records.read(before).blocks) == 1
    assert [path.name for path in tmp_path.iterdir()] == [before.name]


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted as root")
def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing may be mounted here")
    try:
        before = records.write(effect(blocks=1), disk)
        (disk / "filling").write_bytes(bytes(48_000))
        with pytest.raises(RecordError, match=r"No space left on device\. Make room on that disk"):
            records.write(effect(blocks=40), disk)
        assert len(records.read(before).blocks) == 1
        assert sorted(path.name for path in disk.iterdir()) == ["filling", before.name]
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("folder", ["file", "file/inside"])
def test_a_folder_that_cannot_be_made(folder: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="BOOK_RESULTS=/another/folder"):
        records.write(effect(), tmp_path / folder)


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "tune-keepalive.json").mkdir()
    with pytest.raises(RecordError, match="cannot be read: Is a directory"):
        records.read(tmp_path / "tune-keepalive.json")
