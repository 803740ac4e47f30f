"""A claim that is measured in a notebook's kernel: what its cell says meanwhile, and what is left of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from kernels import Kernel, kernel, seen
from patience import wait_for
from synthetic import effect

from benchmarks.host import caller, lock
from benchmarks.host.lock import BusyError, HostLock
from benchmarks.lessons import turn
from benchmarks.notebook.display import Line
from benchmarks.result.analysis import analyse
from benchmarks.result.narrowing import Narrowing
from benchmarks.show import narrowing
from benchmarks.store.records import Record

# A real measurement of gunicorn by gunicorn, as short as can be, which no other test disturbs
PREPARED = """
from dataclasses import replace
from pathlib import Path
from benchmarks import claim, experiments
from benchmarks.host import lock, quiet
from benchmarks.plan import profiles
from benchmarks.plan.experiment import Arm, Experiment
from benchmarks.plan.workload import Closed
from benchmarks.run import headroom, voiding
headroom.WINDOWS = 1
lock.LOCK = Path({lock!r})
voiding.STRANGER = voiding.LATE = voiding.SKEW = 100.0
voiding.STEAL = 1.0
profiles.PROFILES["lesson"] = replace(profiles.PROFILES["lesson"], blocks=2, warmup=0.1, seconds=0.2, quiet=0.0)
two = Experiment(
    claim="tune-keepalive", arms={{"one": Arm("gunicorn", {{"workers": 1}}), "two": Arm("gunicorn", {{"workers": 2}})}},
    favoured="two", against="one", workload=Closed(users=2), metric="cpu_per_request", matters=0.1, expected="favoured",
    regime="2 users without pause",
)
experiments.get = lambda _id: two
"""


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lock") / "measuring.lock"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, locked: Path) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("notebook")
    with kernel(folder, BOOK_RESULTS=str(folder / "results"), BOOK_PROFILE="lesson") as running:
        assert not seen(running.run(PREPARED.format(lock=str(locked))))
        yield running


def started(notebook: Kernel) -> dict[psutil.Process, str]:
    """What runs for it, each with its command. Not zombies: they are gone as the kernel starts its next process."""
    found = {}
    for each in notebook.process.children(recursive=True):
        with suppress(psutil.Error):
            found[each] = " ".join(each.cmdline())
    return found


def nothing_runs(notebook: Kernel) -> bool:
    return not started(notebook) and is_empty(notebook.run_folder)


def is_empty(folder: Path) -> bool:
    return not list(folder.iterdir())


@pytest.mark.servers
def test_a_cell_that_waits_says_for_whom_since_when_and_how_long(
    notebook: Kernel, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LOCK", locked)
    monkeypatch.setenv(caller.NOTEBOOK, "book/fastcgi/robust.ipynb")
    with HostLock("fastcgi-stall, reference"):
        cell = notebook.send('claim("tune-keepalive").run()')
        said = notebook.until_shown("waited 0:01 of at most 30:00")
        assert f"waits for process {os.getpid()} (fastcgi-stall, reference, robust.ipynb, since " in said
        notebook.interrupt()
        outputs = notebook.ended(cell)
    assert seen(outputs).count("\n") == 0
    assert "Stopped before a block was over: nothing is kept, and nothing of it runs." in seen(outputs)
    assert list(notebook.shown.values())[-1]["text/html"] == '<p class="run-line">Stopped.</p>'


@pytest.mark.servers
def test_an_interrupted_run_leaves_its_finished_blocks_and_goes_on_from_them(notebook: Kernel) -> None:
    cell = notebook.send('run = claim("tune-keepalive").run()')
    said = notebook.until_shown("block 2/2", "left")
    assert "ratio" in said
    assert started(notebook)
    notebook.interrupt()
    assert "Finished and kept: 1 of 2 blocks. claim('tune-keepalive').run(go_on=True) goes on" in seen(
        notebook.ended(cell)
    )
    assert wait_for(lambda: nothing_runs(notebook))
    stopped = list(notebook.shown.values())[-1]["text/html"]
    assert stopped.startswith('<p class="run-line">Stopped.</p><svg')

    [place] = notebook.run('run = claim("tune-keepalive").run(go_on=True)')
    assert place["data"]["text/plain"] == "Getting ready"
    last = list(notebook.shown.values())[-1]
    assert last["text/plain"].startswith("tune-keepalive (lesson, ")
    assert last["text/html"].count("<svg") == 1
    assert last["text/html"].count("<circle") == 2
    assert "<progress" not in last["text/html"]
    assert "no run that was stopped" in notebook.fails('claim("tune-keepalive").run(go_on=True)')


@pytest.mark.servers
def test_a_kernel_that_is_killed_while_it_measures_leaves_nothing(notebook: Kernel) -> None:
    """The last of those that share it."""
    notebook.send('claim("tune-keepalive").run()')
    notebook.until_shown("window")
    left = started(notebook)
    assert any("benchmarks.load.generator" in command for command in left.values())
    notebook.process.kill()
    assert psutil.wait_procs(left, timeout=20)[1] == []
    assert is_empty(notebook.run_folder)


def test_a_lesson_that_waits_says_for_whom(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(turn, "PATIENCE", 0.3)
    with HostLock("mine"), pytest.raises(BusyError), turn.turn("the dead server"):
        pytest.fail("both had the lock")
    assert f"waits for process {os.getpid()} (mine, " in capsys.readouterr().err


def test_a_line_with_its_picture_follows_the_page_and_holds_no_script() -> None:
    seen = Narrowing.from_analysis(analyse(Record(data=effect(blocks=10))), of=10)
    assert [each.n for each in seen.intervals] == list(range(1, 11))
    html = Line("block 4/10   ratio 4.0   0:41 left", 0.4, seen)._repr_html_()
    assert "block 4/10 · ratio 4.0 · 0:41 left" in html
    assert html.count("<circle") == 10
    assert 'fill="currentColor"' in html
    assert "<script" not in html
    assert "no difference" in html


def test_an_interval_without_end_is_drawn_to_the_edge() -> None:
    wide = effect(blocks=2, ratio=1.0, noise=40.0)
    drawn = narrowing.draw(Narrowing.from_analysis(analyse(Record(data=wide))))
    assert "nan" not in drawn
    assert "inf" not in drawn


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["/x/benchmarks/__main__.py", "run", "tune-often", "--env", "KEY=secret"], "python -m benchmarks run"),
        (["/x/benchmarks/__main__.py", "--help"], "python -m benchmarks"),
        (["-c"], "python"),
        (["/usr/bin/nose"], "nose"),
    ],
)
def test_who_measures_is_named_without_its_arguments(
    argv: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(caller.NOTEBOOK, raising=False)
    monkeypatch.setattr(sys, "argv", argv)
    assert caller.caller() == said
