"""Markdown as the chapters use it, by lines: which of them are a directive, a list of terms, or text with roles and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_block_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

DIRECTIVE = re.compile(r"\{([\w:+-]+)\}\s*(.*)")
DEFINITION = re.compile(r" {0,3}:\s+")
OPTION = re.compile(r":([\w-]+):\s*(.*)")
SILENT = ("myst_target", "myst_line_comment", "attrs_block")  # lines that say something to Sphinx alone
CODE = ("fence", "colon_fence", "code_block", "html_block")  # nothing is looked for in these

# What stands in a line of text, from left to right: the first that fits wins, so that code keeps what looks like a role
INLINE = re.compile(
    r"""\\.
      | \{(?P<role>[\w:+-]+)\}(?P<ticks>`+)(?P<text>.+?)(?<!`)(?P=ticks)(?!`)
      | (?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)
      | \]\((?P<href>[^\s()]+)(?P<title>\s+"[^"]*")?\)""",
    re.VERBOSE | re.DOTALL,
)


class SourceError(Exception):
    """A page cannot be resolved; the message names the page, the line, and what is there."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a piece of text stands: a page, and the line above its first one."""

    page: str
    line: int = 0

    def below(self, lines: int) -> Place:
        """The place so many lines further down."""
        return Place(page=self.page, line=self.line + lines)

    def error(self, message: str, lines: int = 0) -> SourceError:
        """An error about the line `lines` below the first."""
        return SourceError(f"{self.page}, line {self.line + lines + 1}: {message}")


@dataclass(frozen=True, kw_only=True)
class Directive:
    """A fence that says what is made of its content. `place` is that of its content."""

    name: str
    argument: str
    options: dict[str, str]
    body: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A list of terms, each with what is said of it; `place` is that of the list."""

    items: list[tuple[str, list[str]]]
    place: Place


@dataclass(frozen=True, kw_only=True)
class Text:
    """Lines that stay as they are but for roles and links."""

    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Indented:
    """What stands in a list or a quotation, with what each of its lines begins with."""

    block: Directive | Terms
    indent: str


Block = Directive | Terms | Text | Indented


@cache
def parser() -> MarkdownIt:
    """The parser, with what `_config.yml` switches on."""
    md = MarkdownIt("commonmark").enable("table")
    for plugin in (colon_fence_plugin, deflist_plugin, myst_block_plugin, myst_role_plugin, attrs_block_plugin):
        md.use(plugin)
    md.core.ruler.disable("attr")  # its lines are wanted, not what they do to the next block
    return md


def blocks(text: str, place: Place) -> Iterator[Block]:
    """The blocks of a text, in order; every line is in one of them but those that only Sphinx reads."""
    lines, tokens = text.split("\n"), parser().parse(text)
    at, number = 0, 0
    while number < len(tokens):
        token, number = tokens[number], number + 1
        found: Directive | Terms | None = None
        if token.type in ("fence", "colon_fence") and token.info.strip().startswith("{"):
            found = directive(token, place)
        elif token.type == "dl_open":
            end = next(
                i for i in range(number, len(tokens)) if tokens[i].type == "dl_close" and tokens[i].level == token.level
            )
            found = terms(tokens[number:end], lines, place)
            number = end + 1
        elif token.type not in SILENT:
            continue
        assert token.map
        start, stop = token.map[0], _last(lines, token.map[0], token.map[1])
        if start > at:
            yield Text(text="\n".join(lines[at:start]), place=place.below(at))
        if found:
            head = lines[start]
            indent = head[: len(head) - len(head.lstrip(" >"))]
            yield Indented(block=found, indent=indent) if indent else found
        at = stop
    if at < len(lines):
        yield Text(text="\n".join(lines[at:]), place=place.below(at))


def _last(lines: Sequence[str], start: int, stop: int) -> int:
    """The end of a block without the empty lines after it."""
    while stop > start + 1 and not lines[stop - 1].strip():
        stop -= 1
    return stop


def directive(token: Token, place: Place) -> Directive:
    """A directive with its options read. Raises `SourceError` for what looks like one and is none."""
    assert token.map
    here = place.below(token.map[0])
    found = DIRECTIVE.fullmatch(token.info.strip())
    if not found:
        raise here.error(f"{token.info.strip()!r} begins like a directive and is none")
    lines, options, skipped = token.content.split("\n"), {}, 0
    while skipped < len(lines) and (option := OPTION.fullmatch(lines[skipped].strip())):
        options[option[1]] = option[2].strip()
        skipped += 1
    return Directive(
        name=found[1],
        argument=found[2].strip(),
        options=options,
        body="\n".join(lines[skipped:]).strip("\n"),
        place=here.below(1 + skipped + _blank(lines[skipped:])),
    )


def _blank(lines: Sequence[str]) -> int:
    """How many empty lines there are before the first that is not."""
    return next((number for number, line in enumerate(lines) if line.strip()), 0)


def terms(tokens: Sequence[Token], lines: Sequence[str], place: Place) -> Terms:
    """A list of terms, from its tokens: each term is one line, each definition as it stands without its colon."""
    heads = [token.map[0] for token in tokens if token.type == "dt_open" and token.map]
    last = max(token.map[1] for token in tokens if token.map)
    items: list[tuple[str, list[str]]] = []
    for number in range(heads[0], last):
        line = lines[number]
        if number in heads:
            items.append((line.strip(), []))
        elif opened := DEFINITION.match(line):
            items[-1][1].append(line[opened.end() :])
        elif items[-1][1]:
            items[-1][1][-1] += f"\n{line.removeprefix('  ')}"
    return Terms(
        items=[(head, [body.strip() for body in bodies]) for head, bodies in items], place=place.below(heads[0])
    )


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the parser sees in a text: how many roles, how many links and pictures, and which lines, from and to, are code."""

    roles: int
    links: int
    code: list[tuple[int, int]]


def seen(text: str) -> Seen:
    """Look at a text once."""
    roles = links = 0
    found = parser().parse(text)
    pending = list(found)
    while pending:
        token = pending.pop()
        roles += token.type == "myst_role"
        links += token.type in ("link_open", "image") and token.info != "auto"
        pending += token.children or []
    return Seen(
        roles=roles,
        links=links,
        code=[(token.map[0], token.map[1]) for token in found if token.type in CODE and token.map],
    )


def headings(text: str) -> list[tuple[int, str]]:
    """Level and text of the headings of a text, as they are read."""
    tokens = parser().parse(text)
    found = []
    for token, inner in pairwise(tokens):
        if token.type == "heading_open":
            said = "".join(child.content for child in inner.children or [] if child.type != "softbreak")
            found.append((int(token.tag[1:]), said))
    return found
