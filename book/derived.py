"""What a claim and a number say where directives and roles are unknown: words in the sources, derived from the records.

A code host's preview shows the fence of a claim as a block of code and a role as its raw text. So the sources hold, for
each, what the record says:

    ```{claim} tune-keepalive
    the statement, and the verdict in words
    ```
    {value}`2.9 pages/s <tune-keepalive prefork, on @ 40>`

The site takes both from the record each time and passes over these words. Nobody types them: `python -m book words`
writes them, and a test compares them.
"""

from __future__ import annotations

import re
import textwrap
from functools import cache
from typing import TYPE_CHECKING

from nbformat import v4

from benchmarks import words
from benchmarks.judge.statistics import UndefinedError
from benchmarks.plan.ledger import UnknownClaimError, ledger
from benchmarks.result import summary
from benchmarks.result.analysis import Analysis, analyse
from benchmarks.store import records
from book._ext.value import NOTHING, NoValueError, value
from book.contents import TOP, documents, source
from book.refresh import replace

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.store.records import Record

WIDTH = 88  # signs in a line of a card: a block of code is not wrapped, and a preview is about so wide
CLAIM = re.compile(r"^(`{3,})\{claim\} +([a-z-]+) *\n.*?^\1`* *$", re.DOTALL | re.MULTILINE)
VALUE = re.compile(r"\{value\}`(?:[^`<]*<)?([^`<>]+)>?`")


class DerivedError(Exception):
    """A source names a claim or a number that does not exist; `str()` says which, and in which file."""


def pages() -> list[Path]:
    """The sources of the book, in reading order."""
    return [path for page in documents() if (path := source(page))]


def refresh(path: Path) -> bool:
    """Write the words of one source anew; True when the file changed. Raises `DerivedError`."""
    before = path.read_text("utf8")
    after = filled(before, path)
    if after != before:
        replace(path, after)
    return after != before


def filled(text: str, path: Path) -> str:
    """The text of a source with the words that its records give; only the Markdown cells of a notebook are touched.

    Raises `DerivedError`.
    """
    try:
        if path.suffix != ".ipynb":
            return markdown(text)
        notebook = v4.reads(text)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = markdown(cell.source)
        return f"{v4.writes(notebook)}\n"  # type: ignore[no-untyped-call]
    except (NoValueError, UnknownClaimError) as error:
        raise DerivedError(f"{path.relative_to(TOP)}: {error}") from error


def markdown(text: str) -> str:
    """Markdown with the words of its claims and values. Raises `NoValueError` and `UnknownClaimError`."""
    text = CLAIM.sub(lambda found: f"{found[1]}{{claim}} {found[2]}\n{card(found[2])}\n{found[1]}", text)
    return VALUE.sub(lambda found: f"{{value}}`{number(found[1])} <{found[1]}>`", text)


def card(claim: str) -> str:
    """What a claim says and what became of it, in lines. Raises `UnknownClaimError`."""
    row, record, analysis = ledger()[claim], recorded(claim), analysed(claim)
    if record is None:
        said = ["Not yet: no reference record of this claim exists so far."]
    elif analysis is None:
        said = [f"{_capital(summary.sentence(record))}."]
    else:
        reason = f": {analysis.reason}" if analysis.name == "undecided" else ""
        said = [f"{_capital(analysis.sentence)}{reason}.", f"{_capital(_measured(analysis))}."]
    return "\n".join(
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in [f"“{row.statement}”", *said]
    )


def number(key: str) -> str:
    """The number that a role names, such as "tune-keepalive prefork, on @ 40". Raises `NoValueError`, `UnknownClaimError`."""
    claim, _, what = key.partition(" ")
    _ = ledger()[claim]
    analysis = analysed(claim)
    return value(analysis, what) if analysis else NOTHING


@cache
def recorded(claim: str) -> Record | None:
    """The reference record, if there is one."""
    return records.find_reference(claim)


@cache
def analysed(claim: str) -> Analysis | None:
    """What the reference record of an effect says; None without one, and where it has no ratio."""
    record = recorded(claim)
    if record is None or record.kind != "effect":
        return None
    try:
        return analyse(record)
    except UndefinedError:
        return None


def _measured(analysis: Analysis) -> str:
    """The counts, where counts were compared; else the ratio with its interval."""
    blocks = words.counted(analysis.interval.n, "block")
    if analysis.metric.share and len(analysis.points) == 1:
        return f"{analysis.metric.label}: {', '.join(summary.values(analysis))}; {blocks}"
    at = f" at {analysis.at(analysis.main)}" if len(analysis.points) > 1 else ""
    return f"{analysis.metric.label}, {analysis.ratio_label}: {words.times(analysis.interval)}{at}; {blocks}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
