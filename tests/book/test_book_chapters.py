"""Every chapter has the same skeleton, short cells without logic, and outputs in their stored form."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from prose import prose

from book.contents import TOP, documents, notebooks, source
from book.normalise import KERNEL, VERDICT

if TYPE_CHECKING:
    from collections.abc import Iterable

# The sections of a chapter, in their order; a chapter may have more between them.
SKELETON = (
    "How it works",
    "Launch",
    "Predict",
    "Measure",
    "Read the result",
    "Break it",
    "Exercise",
    "2006 and today",
    "Key points",
    "Further reading",
)
# What stands in the facts at a chapter's beginning.
FACTS = ("Questions", "Objectives", "Time", "Needs")
# A piece of each kind that every chapter has.
PIECES = {
    "a claim card": r"```\{claim\} [a-z]",
    "a prediction": r":::\{predict\} [a-z]",
    "a diagram": r":::\{figure\} ",
    "something to break": r":class: break-it",
    "an exercise": r":::\{exercise\}",
    "a solution, folded": r":::\{solution\}(?s:.){1,80}:class: dropdown",
    "2006 beside today": r":class: then-now",
    "key points": r":class: key-points",
}
# The part about measuring has lessons: notebooks without a claim, since nothing of 2006 is tested in them.
LESSONS = TOP / "book" / "measuring"
NOT_IN_LESSONS = {"Launch", "2006 and today", "a claim card", "a prediction", "2006 beside today"}
MOST_LINES = 10
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Try,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
# Filler, promises, and what is left when somebody has not finished.
UNWANTED = r"\b(simply|obviously|basically|of course|needless to say|leverag\w+|seamless\w*|blazing\w*|lorem|TODO|TBD|coming soon|sample data)\b"


def name(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call, no-any-return]


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def wanted(path: Path, what: Iterable[str]) -> list[str]:
    """Those of the sections or pieces that this notebook must have."""
    return [each for each in what if path.parent != LESSONS or each not in NOT_IN_LESSONS]


every_notebook = pytest.mark.parametrize("path", notebooks(), ids=name)
every_page = pytest.mark.parametrize("path", [path for page in documents() if (path := source(page))], ids=name)


@every_notebook
def test_sections_stand_in_their_order(path: Path) -> None:
    text = "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    sections = [heading for heading in re.findall(r"^## (.+)$", text, flags=re.MULTILINE) if heading in SKELETON]
    assert sections == wanted(path, SKELETON)
    assert len(re.findall(r"^# .+$", read(path).cells[0].source, flags=re.MULTILINE)) == 1
    assert [piece for piece in wanted(path, PIECES) if not re.search(PIECES[piece], text)] == []


@every_notebook
def test_facts_stand_at_the_beginning(path: Path) -> None:
    text = "\n\n".join(cell.source for cell in read(path).cells[:4])
    found = re.search(r"\{div\} facts\n(.*?)\n(?:```|:::)", text, flags=re.DOTALL)
    assert found, "no facts in the first cells"
    assert re.findall(r"^([A-Z]\w+)\n:", found[1], flags=re.MULTILINE) == list(FACTS)
    minutes = re.search(r"^Time\n: (.+)$", found[1], flags=re.MULTILINE)
    assert minutes
    assert all(re.search(rf"\d+ min {kind}", minutes[1]) for kind in ("teaching", "lab", "exercise")), minutes[1]


@every_notebook
def test_cells_are_short_and_hold_no_logic(path: Path) -> None:
    cells = code(read(path))
    long = [cell.source for cell in cells if len(cell.source.splitlines()) > MOST_LINES]
    assert long == []
    for cell in cells:
        lines = [line for line in cell.source.splitlines() if not line.startswith(("%", "!"))]
        found = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, LOGIC)]
        assert found == [], cell.source


@every_notebook
def test_outputs_are_stored_in_their_normal_form(path: Path) -> None:
    notebook = read(path)
    cells = code(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), "run: python -m book refresh"
    assert {key: dict(notebook.metadata.get(key, {})) for key in KERNEL} == KERNEL
    assert [cell.source for cell in cells if "execution" in cell.metadata] == []
    kinds = [output.output_type for cell in cells for output in cell.outputs]
    assert "error" not in kinds
    assert len(kinds) > len(cells) / 3, "hardly a cell says anything: was the notebook run?"


@every_notebook
def test_the_verdict_is_a_cell_of_its_own_and_compared(path: Path) -> None:
    verdicts = [cell for cell in code(read(path)) if re.search(r"\.verdict\(\)", cell.source)]
    assert bool(verdicts) == (path.parent != LESSONS), "a chapter shows a verdict, a lesson has none"
    for cell in verdicts:
        assert VERDICT in cell.metadata.get("tags", []), f"tag it {VERDICT}: {cell.source}"
        assert len(cell.source.splitlines()) == 1
        assert cell.outputs


@every_notebook
def test_outputs_name_no_machine(path: Path) -> None:
    text = "".join(str(cell.outputs) for cell in code(read(path)))
    places = (str(TOP), str(Path.home()) + "/", "/tmp/")
    # a path begins there: .servers/root/ names nobody's home
    assert [place for place in places if re.search(rf"(?<![\w.-]){re.escape(place)}", text)] == []


@every_page
def test_words(path: Path) -> None:
    text = prose(path)
    assert re.findall(UNWANTED, text, flags=re.IGNORECASE) == []
    assert re.findall(r"\w+!(?=\s|$)", text) == []
    assert re.findall(r"\b\w*(?:behavior|color\b|optimiz|analyz|favorite)\w*", text) == [], "British spelling"
