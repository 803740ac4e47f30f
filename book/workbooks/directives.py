"""What each directive becomes: a function of the page and the directive that yields pieces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from book._ext.cards import EXPLORABLES
from book.workbooks.drawn import campaign as campaign_of
from book.workbooks.pictures import figure, pictured
from book.workbooks.piece import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from book.workbooks.parse import Directive
    from book.workbooks.resolve import Resolver

    Pieces = Iterator[Piece]

FACTS = "border-left: 4px solid #8b9096; padding: 2px 14px; margin: 12px 0"
QUIET = ("key-points",)  # classes of boxes that have the heading above them as their title


def block(page: Resolver, directive: Directive) -> Pieces:
    """Something that is drawn from the ledger."""
    lines = [line.strip() for line in directive.body.splitlines()]
    unknown = [each for each in directive.argument.split() if each not in page.cards.by_id]
    if unknown:
        raise directive.place.error(f"{unknown[0]!r} is not a claim of benchmarks/plan/ledger.json", -1)
    section = directive.options.get("section", "")
    html = page.cards.render(directive.name, directive.argument, lines, section, withhold=page.withhold)
    yield Piece(text=pictured(html), id="-".join([directive.name, *directive.argument.split()[:1]]))


def campaign(page: Resolver, directive: Directive) -> Pieces:
    """A table or figure of the recorded campaign."""
    drawn = campaign_of(page.top)
    if directive.argument not in drawn:
        known = ", ".join(drawn)
        raise directive.place.error(f"{directive.argument!r} is none of the campaign's pieces, which are {known}", -1)
    yield Piece(text=pictured(drawn[directive.argument]), id=f"campaign-{directive.argument}")


def explorable(page: Resolver, directive: Directive) -> Pieces:
    """A cell that shows an explorable, with what it shows."""
    from book.explorables import explorable as shown

    name = directive.argument
    if not (EXPLORABLES / f"{name}.html").is_file():
        raise directive.place.error(f"there is no explorable {name!r} in book/_explorables/", -1)
    code = f"from book.explorables import explorable\n\nexplorable({name!r})".replace("'", '"')
    data = shown(name, page=page.page).shown(page.addresses.folder)
    output = {"output_type": "execute_result", "execution_count": None, "data": data, "metadata": {}}
    yield Piece(text=code, id=f"explorable-{name}", is_code=True, outputs=[output])


def figure_of(page: Resolver, directive: Directive) -> Pieces:
    """A picture with its caption."""
    path = page.addresses.file(directive.argument, directive.place)
    caption = page.html(directive.body.replace("\n", " "), directive.place)
    yield Piece(
        text=figure(path, directive.options.get("alt", ""), caption),
        id=directive.options.get("name", f"fig-{path.stem}"),
    )


def admonition(page: Resolver, directive: Directive) -> Pieces:
    """A box becomes a quotation that begins with its title."""
    classes = directive.options.get("class", "").split()
    title = "" if set(QUIET) & set(classes) else directive.argument
    if not title and directive.name != "admonition":
        title = directive.name.capitalize()
    head = f"**{page.text(title, directive.place)}**\n\n" if title else ""
    body = head + page.markdown(directive.body, directive.place)
    yield Piece(text="\n".join(f"> {line}".rstrip() for line in body.split("\n")))


def div(page: Resolver, directive: Directive) -> Pieces:
    """A part with a class of the style sheet: facts in a box, everything else as it is."""
    body = page.markdown(directive.body, directive.place)
    yield Piece(text=f'<div style="{FACTS}">\n\n{body}\n\n</div>' if directive.argument == "facts" else body)


def tab_set(page: Resolver, directive: Directive) -> Pieces:
    """Tabs stand below one another."""
    yield from page.pieces(directive.body, directive.place)


def tab_item(page: Resolver, directive: Directive) -> Pieces:
    """A tab becomes a part with a heading."""
    title = page.text(directive.argument, directive.place)
    yield Piece(text=f"### {title}\n\n{page.markdown(directive.body, directive.place)}")


def exercise(page: Resolver, directive: Directive) -> Pieces:
    """An exercise has a heading."""
    title = page.text(directive.argument, directive.place)
    yield Piece(text=f"### {title}\n\n{page.markdown(directive.body, directive.place)}")


def solution(page: Resolver, directive: Directive) -> Pieces:
    """A solution is folded, or withheld."""
    if not page.withhold:
        body = page.markdown(directive.body, directive.place)
        yield Piece(text=f"<details><summary>Show the solution</summary>\n\n{body}\n\n</details>")


def list_table(page: Resolver, directive: Directive) -> Pieces:
    """A table of lists becomes one of Markdown. Raises `SourceError` for a cell of more than one paragraph."""
    rows: list[list[str]] = []
    for number, line in enumerate(directive.body.splitlines()):
        if found := re.fullmatch(r"(\* -|  -)(?: (.*))?", line):
            if found[1] == "* -":
                rows.append([])
            rows[-1].append(found[2] or "")
        elif rows and line.startswith("    "):
            rows[-1][-1] += f" {line.strip()}"
        elif line.strip():
            raise directive.place.error("this is no row of a table of lists", number)
    if directive.options.get("header-rows") != "1" or len({len(row) for row in rows}) != 1:
        raise directive.place.error("a table needs one row of heads, and as many cells in each row", -1)
    lines = [page.text("\n".join(row), directive.place).split("\n") for row in rows]
    lines = [[cell.replace("|", r"\|") for cell in row] for row in lines]
    lines.insert(1, ["---"] * len(lines[0]))
    yield Piece(text="\n".join(f"| {' | '.join(row)} |" for row in lines))


def code_block(_page: Resolver, directive: Directive) -> Pieces:
    """A listing."""
    yield Piece(text=f"````{directive.argument}\n{directive.body}\n````")


ADMONITIONS = ("admonition", "attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning")
DIRECTIVES: dict[str, Callable[[Resolver, Directive], Pieces]] = {
    **dict.fromkeys(ADMONITIONS, admonition),
    **dict.fromkeys(("claim", "findings", "predict", "scorecard", "verdict-strip"), block),
    "campaign": campaign,
    "code-block": code_block,
    "div": div,
    "exercise": exercise,
    "explorable": explorable,
    "figure": figure_of,
    "list-table": list_table,
    "solution": solution,
    "tab-item": tab_item,
    "tab-set": tab_set,
}
