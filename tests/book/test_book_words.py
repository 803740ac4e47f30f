"""Prose uses the words of `book/terms.md`, rightly spelled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from codespell_lib import main as codespell
from prose import docstrings, prose

from book.contents import TOP, documents, source

if TYPE_CHECKING:
    from pathlib import Path

TERMS = TOP / "book" / "terms.md"
NAMES = "mor"  # of people, which codespell would mend: Mor Harchol-Balter


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """Where -> the words there."""
    pages = [path for page in documents() if (path := source(page))] + [TOP / "README.md", TOP / "CONTRIBUTING.md"]
    words = {path.relative_to(TOP).as_posix(): prose(path) for path in pages} | dict(docstrings())
    return {where: " ".join(text.split()) for where, text in words.items()}


def terms() -> dict[str, str]:
    """What is not said -> the word for it."""
    rows = [line.strip("|").split("|") for line in TERMS.read_text("utf8").splitlines() if line.startswith("| ")][1:]
    return {bad.strip(): word.strip() for word, _, others in rows for bad in others.split(",")}


def test_every_thing_has_one_word(said: dict[str, str]) -> None:
    known = terms()
    search = re.compile(rf"\b({'|'.join(map(re.escape, known))})\b", re.IGNORECASE)
    found = [
        f"{where}: {match[0]!r}, which is {known[match[0].lower()]!r}"
        for where, text in said.items()
        for match in search.finditer(text)
    ]
    assert found == [], "the words are in book/terms.md"


def test_words_are_spelled_rightly(said: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "prose.txt"
    text.write_text("".join(f"{where}: {words}\n" for where, words in said.items()), "utf8")
    assert codespell(str(text), "--ignore-words-list", NAMES) == 0, capsys.readouterr().out


def test_a_wrong_word_is_found(tmp_path: Path) -> None:
    assert terms()["webserver"] == "web server"
    (tmp_path / "prose.txt").write_text("It recieves nothing.")
    assert codespell(str(tmp_path / "prose.txt")) != 0
