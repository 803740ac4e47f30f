"""The sources read well where directives are unknown, and say there what the records say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat
import pytest

from benchmarks.plan.ledger import UnknownClaimError, ledger
from book import derived
from book._ext.value import NoValueError
from book.contents import TOP

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = "run: python -m book words"


def test_every_page_says_what_the_records_say() -> None:
    stale = [
        path.relative_to(TOP).as_posix()
        for path in derived.pages()
        if derived.filled(path.read_text("utf8"), path) != path.read_text("utf8")
    ]
    assert stale == [], COMMAND


def test_a_card_and_a_value_are_filled_and_then_left() -> None:
    first = derived.markdown("Before {value}`fastcgi-startup ratio`.\n\n```{claim} fastcgi-startup\n```\n\nAfter.")
    assert re.search(
        r"Before \{value\}`[\d.]+ times \(95 % interval [\d.]+ to [\d.]+\) <fastcgi-startup ratio>`\.", first
    )
    assert ledger()["fastcgi-startup"].statement[:60] in first
    assert re.search(r"^Holds: .* is better, by about \d+ times\.$", first, re.MULTILINE)
    assert derived.markdown(first) == first
    old = first.replace("Holds:", "Sold:").replace("times (95", "dozens (95")
    assert old != first
    assert derived.markdown(old) == first
    assert max(map(len, derived.card("fastcgi-startup").splitlines())) <= derived.WIDTH


def test_a_claim_without_a_record_is_not_yet_and_a_wrong_name_is_an_error(tmp_path: Path) -> None:
    (missing, *_) = [row.id for row in ledger() if not row.page]
    assert derived.card(missing).splitlines()[-1].startswith("Not yet: ")
    assert derived.number(f"{missing} ratio") == "(not recorded yet)"
    with pytest.raises(UnknownClaimError, match="no-such-claim"):
        derived.markdown("```{claim} no-such-claim\n```")
    with pytest.raises(NoValueError, match="speed"):
        derived.markdown("{value}`fastcgi-startup speed`")
    with pytest.raises(derived.DerivedError, match=r"book/intro\.md: .*'speed'"):
        derived.filled("{value}`fastcgi-startup speed`", TOP / "book/intro.md")


def test_a_notebook_gets_its_words_and_nothing_else() -> None:
    path = TOP / "book/tuning/keep-alive.ipynb"
    text = path.read_text("utf8")
    notebook = nbformat.v4.reads(text)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\{value\}`[^<`]*<([^`]*)>`", r"{value}`\1`", cell.source)
    bare = f"{nbformat.v4.writes(notebook)}\n"  # type: ignore[no-untyped-call]
    assert bare != text
    assert derived.filled(bare, path) == text
