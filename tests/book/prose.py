"""The words of the project without its code: of pages, and of docstrings."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import nbformat

from book.contents import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FENCE = re.compile(r"^(`{3,})([^`\n]*)\n(.*?)^\1`*$", flags=re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^ *\w+  +", flags=re.MULTILINE)  # the name of an attribute, before what is said of it
CODE = re.compile(r"`[^`\n]*`|^:[\w-]+:.*$|\]\([^)]*\)|https?://\S+", flags=re.MULTILINE)


def prose(path: Path) -> str:
    """The words of a page: without code, directives' options, and addresses."""
    if path.suffix == ".ipynb":
        cells = nbformat.v4.reads(path.read_text("utf8")).cells  # type: ignore[no-untyped-call]
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    else:
        text = path.read_text("utf8")
    return CODE.sub("", unlisted(text))


def unlisted(text: str) -> str:
    """Markdown without its blocks of code; what is in a directive's fence is prose, unless it is a listing."""
    return FENCE.sub(lambda found: unlisted(found[3]) if re.match(r"\{(?!code-block)", found[2]) else "", text)


def docstrings() -> Iterator[tuple[str, str]]:
    """Where a docstring is, and its words, without code."""
    for top in ("labs", "benchmarks", "book"):
        for path in sorted((TOP / top).rglob("*.py")):
            if path.name.endswith(".conf.py"):
                continue  # a template, with places to fill in
            for node in ast.walk(ast.parse(path.read_text("utf8"))):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
                    said := ast.get_docstring(node)
                ):
                    where = f"{path.relative_to(TOP).as_posix()}, line {node.body[0].lineno}"
                    yield where, CODE.sub("", FIELD.sub("", said))
