"""The packages of benchmarks stand on each other in one order, and no module is part of a circle."""

from __future__ import annotations

import pytest

from tests.imports import imports, modules

# From the ground up; each imports only from those before it. Those of one line import each other as little.
LAYERS = (
    ("codec", "host", "users"),
    ("trials",),
    ("judge",),
    ("words", "plan"),
    ("tables", "experiments", "load", "store"),
    ("result",),
    ("run",),
    ("trust",),
    ("show",),
    ("notebook",),
    ("lessons", "commands"),
    ("__main__",),
)
FLOOR = {name: number for number, names in enumerate(LAYERS) for name in names}
FACE = "benchmarks"  # only hands on what notebooks import


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
