"""One workbook, read as data: its calls of `check`, what came of those that were run, and the predictions in it.

Nothing of it is executed. A file that is no notebook of this book is refused with the reason.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.errors import LabError
from labs.exercises.marks import CHECK, PREDICTION

LARGEST = 50_000_000  # bytes; a workbook with all its figures has less than a million


class ForeignError(LabError):
    """A file that is no workbook of this book; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of `check`.

    passed  None where no run of it is stored
    answer  its arguments, where all of them are literals; else None
    """

    exercise: str
    passed: bool | None
    answer: Mapping[str, object] | None


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """calls: in the order of the cells. predictions: the claims for which one was made."""

    path: Path
    calls: tuple[Call, ...]
    predictions: frozenset[str]


def read(path: Path, exercises: frozenset[str]) -> Workbook:
    """Read one file; exercises are those of the book. Raises ForeignError."""
    notebook = _notebook(path)
    cells = [cell for cell in _mappings(notebook["cells"]) if cell.get("cell_type") == "code"]
    calls = [call for cell in cells for call in _calls(cell) if call.exercise in exercises]
    sources = [_text(cell.get("source")) for cell in cells]
    if not (calls or any(".predict(" in source for source in sources) or _is_a_page(notebook)):
        raise ForeignError("no exercise and no prediction of this book is in it")
    predicted = [mark.get("claim") for cell in cells for mark in _marks(cell, PREDICTION)]
    return Workbook(
        path=path, calls=tuple(calls), predictions=frozenset(each for each in predicted if isinstance(each, str))
    )


def _notebook(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise ForeignError(f"larger than {LARGEST // 1_000_000} MB")
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise ForeignError(f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ForeignError("not JSON, so no notebook") from error
    if not (isinstance(found, dict) and isinstance(found.get("cells"), list)):
        raise ForeignError("no notebook of format 4")
    return found


def _is_a_page(notebook: dict[str, Any]) -> bool:
    """Whether it is one of the book's workbooks: some have no exercise."""
    metadata = notebook.get("metadata")
    return isinstance(metadata, dict) and isinstance(metadata.get("workbook"), dict)


def _calls(cell: dict[str, Any]) -> Iterator[Call]:
    """The calls in a cell's code, each with the mark that it left; then marks whose call is in it no longer."""
    left = [mark for mark in _marks(cell, CHECK) if isinstance(mark.get("exercise"), str)]
    failed = any(output.get("output_type") == "error" for output in _mappings(cell.get("outputs")))
    for exercise, answer in _written(_text(cell.get("source"))):
        mine = next((mark for mark in left if mark["exercise"] == exercise), None)
        if mine:
            left.remove(mine)
        yield Call(exercise=exercise, passed=_passed(mine) if mine else False if failed else None, answer=answer)
    for mark in left:
        yield Call(exercise=mark["exercise"], passed=_passed(mark), answer=None)


def _passed(mark: dict[str, Any]) -> bool:
    return mark.get("passed") is True


def _written(source: str) -> Iterator[tuple[str, dict[str, object] | None]]:
    """Exercise and answer of each `check("name", …)` in Python code; none where it is no Python."""
    code = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in nodes:
        if isinstance(node, ast.Call) and node.args and _name(node.func) == "check":
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, _literals(node)


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _literals(call: ast.Call) -> dict[str, object] | None:
    try:
        answer = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return answer if len(answer) == len(call.keywords) and len(call.args) == 1 else None


def _marks(cell: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """What outputs of a cell carry under this mark."""
    data = [output["data"] for output in _mappings(cell.get("outputs")) if isinstance(output.get("data"), dict)]
    return _mappings([each.get(kind) for each in data])


def _mappings(found: object) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(source: object) -> str:
    """A cell's source, which is text or a list of lines."""
    return source if isinstance(source, str) else "".join(map(str, source)) if isinstance(source, list) else ""
