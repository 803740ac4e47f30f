"""Notebooks are tested side by side, but nothing runs beside a cell that measures. A plugin of pytest, for nbval's cells.

Each cell holds a lock of the run while it is at work: together with others, or alone where it measures. Which cells
measure, their code says.
"""

from __future__ import annotations

import ast
import fcntl
import os
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

FOLDER = "BOOK_TURNS"  # environment variable: the folder of the locks, one for a whole run


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a cell wait for its turn, before its time counts."""
    cell, notebook = getattr(item, "cell", None), getattr(item.parent, "nb", None)
    if cell is None or notebook is None:
        return (yield)
    sources = tuple(each.source for each in notebook.cells if each.cell_type == "code")
    with turn(Path(os.environ[FOLDER]), alone=measuring(sources)[item.cell_num]):  # type: ignore[attr-defined]
        return (yield)


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold the lock with others, or alone. Who waits to be alone is waited for, so that everybody's turn comes."""
    with (folder / "gate").open("a") as gate, (folder / "turn").open("a") as file:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


@cache
def measuring(cells: tuple[str, ...]) -> list[bool]:
    """Which cells of a notebook measure how much or how fast.

    Those that call what `benchmarks` gives, and those that run something, unless it is a claim that is only true or
    false. A notebook that cannot be read as Python measures everywhere.
    """
    try:
        trees = [ast.parse(cell) for cell in cells]
    except SyntaxError:
        return [True for _ in cells]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    ours, looked_at = set(brought(nodes)), set(true_or_false(nodes))
    return [any(measures(call, ours, looked_at) for call in calls(ast.walk(tree))) for tree in trees]


def calls(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    """The calls among nodes."""
    return (node for node in nodes if isinstance(node, ast.Call))


def measures(call: ast.Call, ours: set[str], looked_at: set[str]) -> bool:
    """Whether a call may measure.

    ours       names that `benchmarks` gave
    looked_at  names of claims that are true or false
    """
    root: Any = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    name = root.id if isinstance(root, ast.Name) else None
    if isinstance(call.func, ast.Attribute) and call.func.attr == "run":
        return name not in looked_at
    return name in ours


def brought(nodes: list[ast.AST]) -> Iterator[str]:
    """Under which names the cells know what is imported from `benchmarks`; `claim` measures nothing before it is run."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (name.asname or "benchmarks" for name in node.names if name.name.split(".")[0] == "benchmarks")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "benchmarks":
            yield from (name.asname or name.name for name in node.names if name.name != "claim")


def true_or_false(nodes: list[ast.AST]) -> Iterator[str]:
    """The names that are given claims of which nothing is measured, and nothing else."""
    given: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    given.setdefault(target.id, []).append(node.value)
    for name, values in given.items():
        if all(is_true_or_false(value) for value in values):
            yield name


def is_true_or_false(value: ast.expr) -> bool:
    """Whether an expression is `claim("…")` with the id of a claim of which nothing is measured."""
    from benchmarks import experiments
    from benchmarks.plan.behaviour import Behaviour

    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "claim"):
        return False
    first = value.args[0] if value.args else None
    if not isinstance(first, ast.Constant) or first.value not in experiments.names():
        return False
    return isinstance(experiments.get(str(first.value)), Behaviour)
