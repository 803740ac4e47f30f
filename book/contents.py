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

    def walk(item: object) -> Iterator[str]:
        if isinstance(item, dict):
            yield from (str(item[key]) for key in ("root", "file") if key in item)
            for key in ("parts", "chapters", "sections"):
                yield from walk(item.get(key, []))
        elif isinstance(item, list):
            for each in item:
                yield from walk(each)

    return list(walk(yaml.safe_load(toc.read_text("utf8"))))


def source(document: str) -> Path | None:
    """The file of a page; None when there is none."""
    return next((path for suffix in SUFFIXES if (path := TOP / f"{document}{suffix}").is_file()), None)


def notebooks() -> list[Path]:
    """The notebooks of the book, in reading order."""
    return [path for page in documents() if (path := source(page)) and path.suffix == ".ipynb"]
