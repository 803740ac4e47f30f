"""Imports point one way: book -> benchmarks -> labs, and down the packages of labs as the README lists them."""

from __future__ import annotations

import ast
import re

import pytest

from labs.paths import TOP
from tests.imports import imports, modules

FORBIDDEN = {"labs": ("benchmarks", "book"), "benchmarks": ("book",)}
BASE = {"errors", "paths", "quoting", "tables", "site"}
BESIDE = {"provision", "__main__"}  # what runs before anything is there, and the command


def room(name: str) -> str:
    """The package of labs that a module is in; of a module beside them its own name."""
    return name.split(".")[1] if "." in name else "runtime"  # the face of labs gives `deploy`, which is there


def listed() -> list[str]:
    """The packages in the order of the README's table."""
    table = (TOP / "README.md").read_text("utf-8").partition("| package |")[2].partition("\n\n")[0]
    first = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [name.removesuffix("/").removesuffix(".py") for cell in first for name in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("top", FORBIDDEN)
def test_nothing_imports_what_stands_on_it(top: str) -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in imports(top).items()
        for other in others
        if other.partition(".")[0] in FORBIDDEN[top]
    ]
    assert not wrong


def test_the_readme_lists_every_package_of_labs() -> None:
    there = {room(name) for name in modules("labs")} - BESIDE
    assert set(listed()) == there


def test_a_package_of_labs_imports_only_from_those_above_it() -> None:
    order = {name: number for number, name in enumerate(listed())}
    wrong = []
    for name, others in imports("labs").items():
        for other in others if name != "labs" else ():
            mine, its = room(name), room(other)
            if mine != its and mine not in BESIDE and not {mine, its} <= BASE and order.get(its, 99) > order[mine]:
                wrong.append(f"{name} imports {other}")
    assert not wrong


@pytest.mark.parametrize("top", ["labs", "benchmarks"])
def test_every_package_says_what_it_is_for(top: str) -> None:
    silent = [
        name
        for name, path in modules(top).items()
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent
