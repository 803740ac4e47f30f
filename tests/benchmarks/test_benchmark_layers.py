"""The packages of benchmarks stand on each other as the README lists them, and no module is part of a circle."""

from __future__ import annotations

import re

import pytest

from labs.paths import TOP
from tests.imports import imports, modules

FACE = "benchmarks"  # only hands on what notebooks import


def listed() -> list[list[str]]:
    """The rows of the README's table, from the ground up; packages of one row import each other as little."""
    table = (TOP / "README.md").read_text("utf-8").partition("| layer |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in table.splitlines()[2:] if line.count("|") == 3]
    return [[name.removesuffix("/").removesuffix(".py") for name in row] for row in rows]


FLOOR = {name: number for number, row in enumerate([*listed(), ["__main__"]]) for name in row}


def layer(module: str) -> str:
    return module.split(".")[1] if "." in module else FACE


def arrows() -> list[tuple[str, str]]:
    return [
        (name, other)
        for name, others in imports("benchmarks").items()
        for other in sorted(others)
        if other.partition(".")[0] == "benchmarks" and FACE not in (name, other)
    ]


def test_every_package_has_its_place() -> None:
    assert {layer(name) for name in modules("benchmarks")} - {FACE} == set(FLOOR)


def test_nothing_imports_from_above_or_beside() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, other in arrows()
        if layer(name) != layer(other) and FLOOR[layer(other)] >= FLOOR[layer(name)]
    ]
    assert not wrong


@pytest.mark.parametrize("package", sorted(FLOOR))
def test_no_module_is_part_of_a_circle(package: str) -> None:
    """Within a package; between packages the order forbids it."""
    onward: dict[str, set[str]] = {}
    for name, other in arrows():
        if layer(name) == layer(other) == package and other != f"benchmarks.{package}":
            onward.setdefault(name, set()).add(other)
    for start, first in onward.items():
        seen, waiting = set[str](), list(first)
        while waiting:
            name = waiting.pop()
            assert name != start, f"{start} is imported by what it imports"
            if name not in seen:
                seen.add(name)
                waiting += onward.get(name, ())
