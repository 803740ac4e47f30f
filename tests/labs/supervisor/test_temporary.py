"""A temporary folder goes with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labs.paths import TOP
from labs.supervisor.temporary import vanishing

OWNER = """
from labs.supervisor.temporary import vanishing
with vanishing("gone with me ") as path:
    (path / "inner").mkdir()
    (path / "inner" / "file").write_text("x")
    print(path, flush=True)
    input()
"""


def test_it_is_there_within_the_block_and_nobody_elses() -> None:
    with vanishing("a test ") as path:
        assert path.stat().st_mode & 0o777 == 0o700
        (path / "file").write_text("x")
    assert not path.exists()


def test_it_goes_when_the_block_is_left_by_an_error() -> None:
    with pytest.raises(ZeroDivisionError), vanishing("a test ") as path:
        raise ZeroDivisionError
    assert not path.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_goes_when_its_owner_is_killed(how: signal.Signals, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(TOP), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        path = Path(owner.stdout.readline().rstrip("\n"))
        assert path.parent == tmp_path and (path / "inner" / "file").exists()
        owner.send_signal(how)
    end = time.monotonic() + 5
    while path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not path.exists()
