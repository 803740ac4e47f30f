from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.host import lock
from benchmarks.host.lock import BusyError, HostLock, Wait
from labs.errors import LabError
from labs.runtime import stillness

HOLD = """
import sys; from pathlib import Path; from benchmarks.host import lock
lock.LOCK = Path(sys.argv[1])
said = set()
def tell(seen):
    if seen.line not in said:
        said.add(seen.line)
        print(seen.line, flush=True)
with lock.HostLock(sys.argv[2], patience=60, on_wait=tell):
    print("holds", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lock, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(lock, "LOOK", 0.02)
    return tmp_path / "lock"


@contextmanager
def stranger(at: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that takes the lock, or waits for it; its first line has been printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(at), what],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return timeless(process.stdout.readline().strip())


def timeless(line: str) -> str:
    return re.sub(r"since \d\d:\d\d", "since NOW", line)


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_comes_meanwhile_is_told_who_is_there(at: Path) -> None:
    with stranger(at, "tune-often, lesson") as holder:
        assert line(holder) == "holds"
        with pytest.raises(
            BusyError,
            match=rf"process {holder.pid} \(tune-often, lesson, python, since \d\d:\d\d\) is measuring.*--wait 600",
        ):
            HostLock("mine").__enter__()
    with HostLock("mine"):
        assert at.read_bytes()


def test_the_queue_is_served_in_order_and_says_who_is_before(at: Path) -> None:
    with stranger(at, "first") as first:
        assert line(first) == "holds"
        with stranger(at, "second") as second:
            assert line(second) == f"waits for process {first.pid} (first, python, since NOW)"
            said: dict[str, Wait] = {}
            served = threading.Event()

            def third() -> None:
                with HostLock("third", patience=60, on_wait=lambda seen: said.setdefault(timeless(seen.line), seen)):
                    served.set()

            waiting = threading.Thread(target=third)
            waiting.start()
            until(lambda: said)
            assert list(said) == [
                f"waits for process {first.pid} (first, python, since NOW); 1 other waits before this one"
            ]
            with pytest.raises(BusyError, match="; 2 others wait before this one, and two measurements"):
                HostLock("fourth").__enter__()
            first.kill()  # without a word: the kernel gives the lock back
            assert line(second) == "holds"
            until(lambda: len(said) > 1)
            assert list(said)[1] == f"waits for process {second.pid} (second, python, since NOW)"
            assert not served.is_set()
            second.send_signal(signal.SIGKILL)
            waiting.join(20)
            assert served.is_set()


def test_a_place_that_was_left_behind_is_removed(at: Path) -> None:
    with stranger(at, "first") as first:
        assert line(first) == "holds"
        with stranger(at, "second") as second:
            assert line(second).startswith("waits")
    queue = at.with_suffix(".queue")
    assert len(list(queue.iterdir())) == 1, "killed while it waited"
    with HostLock("mine"):
        assert list(queue.iterdir()) == []


def test_patience_ends(at: Path) -> None:
    with stranger(at, "first") as first:
        assert line(first) == "holds"
        begun = time.monotonic()
        with pytest.raises(BusyError, match="Run this again when it is over"):
            HostLock("mine", patience=0.2).__enter__()
        assert time.monotonic() - begun >= 0.2
    assert list(at.with_suffix(".queue").iterdir()) == []


def test_who_waits_is_told_for_how_long_once_a_second(at: Path) -> None:
    seen: list[Wait] = []
    with stranger(at, "first") as first:
        assert line(first) == "holds"
        with pytest.raises(BusyError, match="; this one has waited 1 s"):
            HostLock("mine", patience=1.3, on_wait=seen.append).__enter__()
    assert [int(each.waited) for each in seen] == [0, 1]
    assert {each.patience for each in seen} == {1.3}


def test_whoever_measures_keeps_others_of_its_process_still() -> None:
    with HostLock("mine"):
        assert stillness.held()
    assert not stillness.held()


def test_ctrl_c_while_waiting_leaves_the_queue(at: Path) -> None:
    def interrupted(_seen: Wait) -> None:
        raise KeyboardInterrupt

    with stranger(at, "first") as first:
        assert line(first) == "holds"
        with pytest.raises(KeyboardInterrupt):
            HostLock("mine", patience=60, on_wait=interrupted).__enter__()
        assert list(at.with_suffix(".queue").iterdir()) == []


def test_a_queue_that_is_no_folder_is_said(at: Path) -> None:
    at.with_suffix(".queue").touch()
    with pytest.raises(LabError, match=r"lock\.queue cannot be used: Not a directory\. Remove it"):
        HostLock("mine").__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two users")
def test_root_and_an_ordinary_user_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is root's alone
        Path(folder).chmod(0o1777)  # sticky, as /tmp is
        monkeypatch.setattr(lock, "LOCK", Path(folder) / "lock")
        with HostLock("root's"):
            pass
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.setuid(65534)
                with HostLock("nobody's"):
                    status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_needs_no_quiet_goes_side_by_side(at: Path) -> None:
    one, two = HostLock("one", shared=True), HostLock("two", shared=True)
    with one, two, pytest.raises(BusyError, match=r"\(two, .+, since \d\d:\d\d\) is measuring"):
        HostLock("measures").__enter__()
    with HostLock("measures"):
        assert b"measures" in at.read_bytes()


def test_what_shares_waits_for_a_measurement(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "SETTLE", 0.0)
    with stranger(at, "measures") as holder:
        assert line(holder) == "holds"
        with pytest.raises(BusyError, match=r"\(measures, python, since \d\d:\d\d\) is measuring"):
            HostLock("shares", shared=True).__enter__()


def test_a_measurement_that_waits_is_not_passed_by_those_who_share(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "SETTLE", 0.0)
    with HostLock("shares", shared=True), stranger(at, "measures") as waiting:
        assert line(waiting).startswith("waits for process")
        with pytest.raises(BusyError, match="1 other waits before this one"):
            HostLock("later", shared=True).__enter__()
    with HostLock("after", patience=20):
        pass


def test_a_name_that_one_who_shared_left_behind_is_not_told(at: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    at.write_text(f'{{"pid": {gone.pid}, "what": "gone", "since": 0}}')
    file = os.open(at, os.O_RDWR)
    lock.fcntl.flock(file, lock.fcntl.LOCK_EX)
    try:
        with pytest.raises(BusyError, match="another process is measuring"):
            HostLock("mine").__enter__()
    finally:
        os.close(file)
