"""The blocks that are drawn from the ledger and its records: card, strip, findings, scorecard, prediction, value.

Where their links lead is said by whoever makes the page, so that the site and the workbooks share all of this.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import jinja2

from benchmarks import words

from . import interval
from .data import HERE, LABELS
from .value import NOTHING, NoValueError, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .data import Claim, Data

TEMPLATES = Path(__file__).parent / "templates"
EXPLORABLES = Path(__file__).parent.parent / "_explorables"
SCORECARD = "book/scorecard"


class Links(Protocol):
    """Where the links of one page lead."""

    def page(self, name: str, anchor: str = "") -> str:
        """Address of a page of the book, or of a place in it."""
        ...

    def static(self, source: Path) -> str:
        """Address at which a reader finds a record or an experiment."""
        ...


@cache
def templates(*folders: Path) -> jinja2.Environment:
    """The templates of these folders; of two with one name, the first."""
    loader = jinja2.FileSystemLoader(folders)
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.globals.update(
        axis_of=lambda width, span, pad: interval.Axis(width=width, span=span, pad=pad),
        number=words.number,
        span_for=interval.span_for,
        describe=interval.describe,
        labels=LABELS,
        here=HERE,
    )
    return made


class Page:
    """Renders the blocks of one page.

    homes    id of a claim -> name of the page that holds its card
    folders  of templates that come before the site's own
    """

    def __init__(self, data: Data, homes: Mapping[str, str], links: Links, *, folders: Sequence[Path] = ()) -> None:
        self.data, self.homes, self.links = data, homes, links
        self.by_id = {claim.id: claim for claim in data.claims}
        self.templates = templates(*folders, TEMPLATES)

    def url(self, claim: Claim) -> str:
        """Address of a claim's card; without one, of its row in the scorecard."""
        home = self.homes.get(claim.id)
        return self.links.page(home, f"claim-{claim.id}") if home else self.links.page(SCORECARD, f"row-{claim.id}")

    def render(
        self, block: str, argument: str = "", lines: Sequence[str] = (), section: str = "", **more: object
    ) -> str:
        """HTML of a block. `more` is handed to its template."""
        claims = [claim for claim in self.data.claims if section in ("", claim.section)]
        shown = findings([self.by_id[i] for i in argument.split()], lines) if block == "findings" else []
        return self.templates.get_template(f"{block}.html").render(
            c=self.by_id.get(argument),
            claims=claims,
            counts=Counter(claim.mark for claim in claims),
            sections=[item for item in self.data.sections.items() if any(claim.section == item[0] for claim in claims)],
            findings=shown,
            span=interval.span_for([bar for claim, _, _ in shown if claim.book and (bar := claim.book.main)]),
            lines=lines,
            homes=self.homes,
            names=self.data.sections,
            page=self.links.page,
            static=self.links.static,
            url=self.url,
            **more,
        )

    def value(self, name: str, what: str) -> str:
        """A number of the reference record in words. Raises `NoValueError` when there is no such number."""
        claim = self.by_id.get(name)
        if claim is None:
            raise NoValueError(f"there is no claim {name!r} in benchmarks/plan/ledger.json")
        return value(claim.book.analysis, what) if claim.book and claim.book.analysis else NOTHING


def findings(chosen: list[Claim], lines: Sequence[str]) -> list[tuple[Claim, str, str]]:
    """Claim, headline and teaser of what is recorded.

    A line of content is `id | verdict | headline | teaser` and counts only while that is the verdict: words written for
    one result never stand beside another. Without a line the claim's own words are shown. The first three are shown.
    """
    written = {
        (part[0], part[1]): part[2:] for line in lines if len(part := [word.strip() for word in line.split("|")]) == 4
    }
    shown = []
    for claim in chosen:
        if claim.book:
            headline, teaser = written.get(
                (claim.id, claim.book.verdict), (claim.row.headline or claim.row.title, claim.row.statement)
            )
            shown.append((claim, headline, teaser))
    return shown[:3]
