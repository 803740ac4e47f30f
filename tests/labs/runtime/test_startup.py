"""What the labs add to a cold start: both sides really start, take turns, and leave nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.errors import OptionError
from labs.paths import TOP
from labs.runtime import startup

pytestmark = pytest.mark.servers


def test_both_ways_are_timed_in_turn_and_leave_nothing(
    run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    for way in (startup.launched, startup.by_hand):
        monkeypatch.setattr(startup, way.__name__, lambda name, way=way: order.append(way.__name__) or way(name))
    (row,) = startup.compare(["fastcgi-nginx"], times=2).entries
    assert order == ["by_hand", "launched", "launched", "by_hand", "by_hand", "launched"]
    assert len(row.labs) == len(row.by_hand) == 2
    assert all(0.05 < second < 20 for second in (*row.labs, *row.by_hand))
    nothing_left()


def test_the_table_shows_medians_and_what_is_added() -> None:
    row = startup.Row(name="gunicorn", labs=(0.6, 0.5, 0.9), by_hand=(0.5, 0.45, 0.5))
    assert row.added == pytest.approx(0.1)
    assert row.ratio == pytest.approx(1.2)
    table = startup.Comparison((row,))
    assert "gunicorn            0.600 s  0.500 s  0.100 s   1.20" in repr(table)
    assert table.rows()[0]["turns"] == {"labs": [0.6, 0.5, 0.9], "by_hand": [0.5, 0.45, 0.5]}


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(OptionError, match="Did you mean gunicorn"):
        startup.compare(["gunicrn"], times=1)


def test_the_command_prints_json(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "labs", "startup", "cgi-lighttpd", "--times", "1", "--json"],
        cwd=TOP, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    (row,) = json.loads(said.stdout)
    assert row["deployment"] == "cgi-lighttpd"
    assert row["labs"] == row["turns"]["labs"][0]
