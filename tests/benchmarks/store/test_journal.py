from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.store.journal import Journal, JournalError, publish, read


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (b"", []),
        (b"\n", []),
        (b"\0\0\0", []),
        (b'{"format', []),
        (b'{"n": 1}', [{"n": 1}]),
        (b'{"n": 1}\n{"n": 2}', [{"n": 1}, {"n": 2}]),
        (b'{"n": 1}\n{"n": ', [{"n": 1}]),
        (b'{"n": 1}\n{"n": "\xc3', [{"n": 1}]),
        (b'{"n": 1}\n\0\0\0\0', [{"n": 1}]),
    ],
)
def test_what_a_crash_left_is_gone_on_with(tmp_path: Path, text: bytes, kept: list[dict[str, int]]) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_bytes(text)
    assert read(path) == kept
    with Journal(path) as journal:
        assert journal.entries == kept
        journal.append({"n": 9})
    assert read(path) == [*kept, {"n": 9}]


def test_damage_before_the_end_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text('{"n": 1}\nnonsense\n{"n": 3}\n')
    for use in (read, lambda place: Journal(place).__enter__()):
        with pytest.raises(JournalError, match="damaged at line 2"):
            use(path)
    assert path.read_text() == '{"n": 1}\nnonsense\n{"n": 3}\n'


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    with Journal(path) as first:
        first.append({"n": 1})
        with pytest.raises(JournalError, match="being written by another process"), Journal(path):
            pass
        assert read(path) == [{"n": 1}], "who reads need not wait"
    with Journal(path) as second:
        assert second.entries == [{"n": 1}]


def test_what_is_published_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "shown.jsonl"
    publish([{"n": 1}], path)
    with pytest.raises(ValueError, match="not JSON compliant"):
        publish([{"n": float("nan")}], path)
    assert read(path) == [{"n": 1}]
    assert [each.name for each in tmp_path.iterdir()] == ["shown.jsonl"]
