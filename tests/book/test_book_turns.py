"""Notebooks side by side: which cells measure, and that nothing runs beside those."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from book import turns
from book.contents import TOP, notebooks

if TYPE_CHECKING:
    from pathlib import Path

BEHAVIOUR, EFFECT = "fastcgi-options", "tune-keepalive"


@pytest.mark.parametrize(
    ("cells", "alone"),
    [
        (["from benchmarks import claim", f'options = claim("{BEHAVIOUR}")', "options.run()"], [False, False, False]),
        (["from benchmarks import claim", f'time = claim("{EFFECT}")\ntime', "run = time.run()"], [False, False, True]),
        (["from benchmarks import claim", f'claim("{BEHAVIOUR}").run()'], [False, True]),
        ([f'one = claim("{BEHAVIOUR}")', f'one = claim("{EFFECT}")', "one.run()"], [False, False, True]),
        (['one = claim("no-such-claim")', "one.run()"], [False, True]),
        (["one = claim(which)", "one.run()"], [False, True]),
        (["for each in some:\n    each.run()"], [True]),
        (["from benchmarks import lessons", "lessons.dead()", "print()"], [False, True, False]),
        (["from benchmarks.trust import plain as p", "found = p.look().figure()"], [False, True]),
        (["import benchmarks.lessons", "benchmarks.lessons.dead()"], [False, True]),
        (["from labs import deploy", 'deploy("gunicorn").start()'], [False, False]),
        (["%magic", "1"], [True, True]),
    ],
)
def test_which_cells_measure(cells: list[str], alone: list[bool]) -> None:
    assert turns.measuring(tuple(cells)) == alone


def test_some_cells_of_the_book_measure_and_most_do_not() -> None:
    found = {
        path.stem: turns.measuring(tuple(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"))  # type: ignore[no-untyped-call]
        for path in notebooks()
    }
    assert sum(found["keep-alive"]) == 1
    assert not any(found["swap"]), "a claim that is true or false, and nothing else"
    assert all(any(found[name]) for name in ("due", "limits", "twice"))
    assert sum(map(sum, found.values())) < sum(map(len, found.values())) / 4


def test_who_waits_to_be_alone_gets_a_turn_before_those_who_come_later(tmp_path: Path) -> None:
    order: list[str] = []

    def take(name: str, *, alone: bool) -> threading.Thread:
        def work() -> None:
            with turns.turn(tmp_path, alone=alone):
                order.append(name)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    with turns.turn(tmp_path, alone=False):
        beside = take("beside", alone=False)
        beside.join(10)
        assert order == ["beside"], "those that measure nothing do not wait for each other"
        alone = take("alone", alone=True)
        alone.join(0.3)
        late = take("late", alone=False)
        late.join(0.3)
        assert order == ["beside"], "it waits, and so does who comes after it"
    alone.join(10)
    late.join(10)
    assert order == ["beside", "alone", "late"]


def test_cells_run_side_by_side_but_not_beside_one_that_measures(tmp_path: Path) -> None:
    log = tmp_path / "log"
    begin = f"import pathlib, time\nhere, log = pathlib.Path({str(tmp_path)!r}), pathlib.Path({str(log)!r})"
    meet = """
(here / NAME).touch()
end = time.monotonic() + 60
while len(list(here.glob("there-*"))) < 2:
    assert time.monotonic() < end, "the other notebook does not run beside this one"
    time.sleep(0.02)
"""
    told = """
start = time.monotonic()
time.sleep(0.3)
with log.open("a") as file:
    file.write(f"[{KIND!r}, {start}, {time.monotonic()}]\\n".replace("'", '"'))
"""
    measure = (
        f"class Made:\n    def run(self):\n        {told.strip().replace(chr(10), chr(10) + ' ' * 8)}\nKIND = 'alone'"
    )
    for name in ("there-one", "there-two"):
        cells = [begin, meet.replace("NAME", repr(name)), measure, "Made().run()", f"KIND = 'beside'\n{told}"]
        nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), tmp_path / f"{name}.ipynb")  # type: ignore[no-untyped-call]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--nbval-lax", "-n", "2", "--dist", "loadscope", "-c", os.devnull),
            *("-p", "book.turns", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(TOP), "IPYTHONDIR": str(tmp_path), turns.FOLDER: str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cells = [json.loads(line) for line in log.read_text().splitlines()]
    alone = [(start, end) for kind, start, end in cells if kind == "alone"]
    assert (len(cells), len(alone)) == (4, 2)
    for mine in alone:
        others = [(start, end) for _, start, end in cells if (start, end) != mine]
        assert all(end <= mine[0] or mine[1] <= start for start, end in others)
