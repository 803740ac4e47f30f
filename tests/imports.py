"""Which module imports which, read from the code; nothing is imported for it."""

from __future__ import annotations

import ast
from pathlib import Path

from labs.paths import TOP

SITES = ("project", "apps")  # run by the servers, with paths of their own


def modules(top: str) -> dict[str, Path]:
    """Dotted name -> file, of a package of this project."""
    found = {}
    for path in sorted((TOP / top).rglob("*.py")):
        parts = path.relative_to(TOP).with_suffix("").parts
        if not set(SITES) & set(parts) and "_build" not in parts:
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(top: str) -> dict[str, set[str]]:
    """Dotted name of a module -> those of this project that it imports, at any place, for types too."""
    known = {name for each in ("labs", "benchmarks", "book") for name in modules(each)}
    return {name: named(path.read_text("utf-8"), known) for name, path in modules(top).items()}


def named(code: str, known: set[str]) -> set[str]:
    """Modules of `known` that a piece of code imports."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found & known
