"""A page's text in what any Jupyter renders: every directive and role has become plain Markdown, HTML or a cell of code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from book.workbooks.directives import DIRECTIVES
from book.workbooks.parse import INLINE, Directive, Indented, Place, Terms, Text, blocks, seen
from book.workbooks.piece import Piece, joined
from book.workbooks.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from book._ext.cards import Page
    from book.workbooks.addresses import Addresses


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """Resolves the text of one page.

    top        the checkout
    page       the name of the page, such as "book/tuning/keep-alive"
    cards      draws what comes from the ledger
    addresses  says where links lead
    withhold   leaves out solutions and what predictions are held against
    """

    top: Path
    page: str
    cards: Page
    addresses: Addresses
    withhold: bool = False

    def pieces(self, text: str, place: Place) -> Iterator[Piece]:
        """A text, resolved. Raises `SourceError` for what is not known."""
        for block in blocks(text, place):
            match block:
                case Text():
                    yield Piece(text=self.text(block.text, block.place))
                case Terms():
                    yield Piece(text=self.terms(block))
                case Directive():
                    yield from self.directive(block)
                case Indented(block=inner, indent=indent):
                    said = (
                        self.terms(inner) if isinstance(inner, Terms) else self.flat(self.directive(inner), inner.place)
                    )
                    yield Piece(text=re.sub("^", indent, said, flags=re.MULTILINE))

    def markdown(self, text: str, place: Place) -> str:
        """A text as one piece of Markdown, for the inside of something else."""
        return self.flat(self.pieces(text, place), place)

    def flat(self, pieces: Iterator[Piece], place: Place) -> str:
        """Pieces as one. Raises `SourceError` where a cell of code would have to be inside of something else."""
        found = list(pieces)
        if any(piece.is_code for piece in found):
            raise place.error("a cell of code cannot stand inside of something else")
        return joined(piece.text for piece in found)

    def directive(self, directive: Directive) -> Iterator[Piece]:
        """What a directive becomes."""
        known = DIRECTIVES.get(directive.name)
        if known is None:
            raise directive.place.error(
                f"no workbook knows the directive {{{directive.name}}}: book/workbooks/directives.py", -1
            )
        yield from known(self, directive)

    def terms(self, terms: Terms) -> str:
        """A list of terms, which Markdown of notebooks does not have, as paragraphs that begin with the term."""
        said = []
        for term, definitions in terms.items:
            name = self.text(term, terms.place)
            name = f"{name}" if name.startswith("**") else f"**{name}**"
            bodies = [self.markdown(body, terms.place) for body in definitions]
            if len(bodies) == 1:
                said.append(f"{name}: {bodies[0]}")
            else:
                said += [f"{name}:", "\n".join(f"- {body}" for body in bodies)]
        return "\n\n".join(said)

    def text(self, text: str, place: Place) -> str:
        """Text with its roles and links resolved, every other character as it is."""
        sight, lines = seen(text), text.split("\n")
        made, at = [], 0
        done = [0, 0]
        for start, stop in [*sorted(sight.code), (len(lines), len(lines))]:
            for number, paragraph in paragraphs(lines[at : max(start, at)]):
                made.append(self.paragraph(paragraph, place.below(at + number), done))
            made += lines[max(start, at) : stop]
            at = max(stop, at)
        if done != [sight.roles, sight.links]:
            raise place.error(
                f"{sight.roles} roles and {sight.links} links stand in this paragraph or the ones below, "
                f"and {done[0]} and {done[1]} can be told from code and text: write them more plainly"
            )
        return "\n".join(made)

    def paragraph(self, text: str, place: Place, done: list[int]) -> str:
        """One paragraph; counts roles and links in `done`."""

        def put(match: re.Match[str]) -> str:
            here = place.below(text.count("\n", 0, match.start()))
            if match["role"]:
                done[0] += 1
                role = ROLES.get(match["role"])
                if role is None:
                    raise here.error(f"no workbook knows the role {{{match['role']}}}: book/workbooks/roles.py")
                return role(self, match["text"].replace("\n", " ").strip(), here)
            if match["href"]:
                done[1] += 1
                return f"]({self.addresses.of(match['href'], here)}{match['title'] or ''})"
            return match[0]

        return INLINE.sub(put, text)

    def html(self, text: str, place: Place) -> str:
        """A short text as HTML, for the inside of HTML."""
        return str(plain().renderInline(self.text(text, place)))


def paragraphs(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Stretches of lines without an empty one, and the empty ones, with the number of their first line."""
    start = 0
    for number, line in enumerate([*lines, ""]):
        if not line.strip():
            if number > start:
                yield start, "\n".join(lines[start:number])
            if number < len(lines):
                yield number, line
            start = number + 1


@cache
def plain() -> MarkdownIt:
    """Markdown to HTML."""
    return MarkdownIt("commonmark").enable("table")
