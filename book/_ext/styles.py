"""Parts of the book's style sheet, for what stands outside of the site: a picture, an explorable in a notebook."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from .inline_svg import CSS

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = re.compile(r"(?P<media>@media[^{]*)\{|(?P<selector>[^{}@]+)\{(?P<body>[^{}]*)\}|(?P<end>\})")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
VARIABLE = re.compile(r"var\(--([\w-]+)(?:,[^()]*)?\)")
NAMED = re.compile(r"--([\w-]+):\s*([^;]+);")
CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
COMMA = re.compile(r",(?![^()]*\))\s*")  # between selectors, not inside of one


@cache
def rules() -> tuple[tuple[str, str, str], ...]:
    """The rules of book.css: of which medium ("" for all), for what, and what they say."""

    def read() -> Iterator[tuple[str, str, str]]:
        media = ""
        for part in PART.finditer(COMMENT.sub("", CSS.read_text("utf-8"))):
            if part["media"]:
                media = part["media"].strip()
            elif part["end"]:
                media = ""
            else:
                yield media, " ".join(part["selector"].split()), part["body"].strip()

    return tuple(read())


@cache
def variables() -> dict[str, str]:
    """Name -> value of what the sheet names, in the light theme."""
    found: dict[str, str] = {}
    for media, selector, body in rules():
        if not media and selector in (":root", "html[data-theme]"):
            found |= {name: value.strip() for name, value in NAMED.findall(body + ";")}
    return found


def token(name: str) -> str:
    """The value of one of them, such as "paper"."""
    return variables()[name]


def resolved(css: str) -> str:
    """A style sheet with the names in it replaced by their values, also in those values."""
    while VARIABLE.search(css):
        css = VARIABLE.sub(lambda match: variables().get(match[1], "inherit"), css)
    return css


def css(names: frozenset[str], *, inline: bool = False) -> str:
    """The rules for these classes. `inline`: for a picture, which has no media, no names, and no fonts but the system's."""
    kept = []
    for media, selector, body in rules():
        if inline and media:
            continue
        parts = [part for part in COMMA.split(selector) if (asked := set(CLASS.findall(part))) and asked <= names]
        if parts:
            rule = f"{','.join(parts)}{{{body}}}"
            kept.append(f"{media}{{{rule}}}" if media else rule)
    text = "\n".join(kept)
    return resolved(text) if inline else text
