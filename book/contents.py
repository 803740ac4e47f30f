"""The contents of the book, as `_toc.yml` has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent
SUFFIXES = (".md", ".ipynb")


def documents(toc: Path = TOP / "_toc.yml") -> list[str]:
    """The pages in order, as names such as "book/tuning/keep-alive"."""
    return list(_names(yaml.safe_load(toc.read_text("utf8"))))


def parts(toc: Path = TOP / "_toc.yml") -> list[list[str]]:
    """The same, part by part; the first page is a part of its own."""
    contents = yaml.safe_load(toc.read_text("utf8"))
    return [[str(contents["root"])], *(list(_names(part)) for part in contents["parts"])]


def _names(item: object) -> Iterator[str]:
    if isinstance(item, dict):
        yield from (str(item[key]) for key in ("root", "file") if key in item)
        for key in ("parts", "chapters", "sections"):
            yield from _names(item.get(key, []))
    elif isinstance(item, list):
        for each in item:
            yield from _names(each)


def source(document: str) -> Path | None:
    """The file of a page; None when there is none."""
    return next((path for suffix in SUFFIXES if (path := TOP / f"{document}{suffix}").is_file()), None)


def notebooks() -> list[Path]:
    """The notebooks of the book, in reading order."""
    return [path for page in documents() if (path := source(page)) and path.suffix == ".ipynb"]
