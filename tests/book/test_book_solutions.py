"""Each folded solution is run: its one call of `check` must solve the exercise on real servers."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from book.contents import TOP, notebooks
from labs.exercises import Outcome, check, names

COMPARES = {"twice"}  # notebooks whose check compares two measured times: nothing may run beside it
SOLUTION = re.compile(r"^:::\{solution\}.*?^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def solution(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = SOLUTION.findall(text)
    assert len(found) == 1, f"{path.name} has {len(found)} solutions with code"
    return str(found[0])


@pytest.mark.servers
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.alone] if path.stem in COMPARES else []) for path in notebooks()],
    ids=[path.relative_to(TOP).as_posix() for path in notebooks()],
)
def test_the_solution_solves_its_exercise(path: Path) -> None:
    code = solution(path)
    assert re.match(r"check\(", code), "a solution is one call of check(...)"
    outcome = eval(code, {"check": check})  # noqa: S307 - the book's own code is what is tested
    assert isinstance(outcome, Outcome)
    assert outcome.passed, outcome


def test_every_exercise_stands_in_a_chapter() -> None:
    asked = {match[1] for path in notebooks() for match in [re.match(r'check\(\s*"([\w-]+)"', solution(path))] if match}
    assert asked == set(names())
