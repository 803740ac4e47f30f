"""What each role becomes: a function of the page, what stands between its ticks, and the place."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from book._ext.data import LABELS, MARKS
from book._ext.value import NoValueError
from book.workbooks.pictures import pictured

if TYPE_CHECKING:
    from collections.abc import Callable

    from book.workbooks.parse import Place
    from book.workbooks.resolve import Resolver

KEY = re.compile(r".*?<(?P<key>[^<>]+)>\s*", re.DOTALL)


def key(text: str) -> str:
    """What is asked for; of `words <key>`, with words for those who see no more, the key."""
    found = KEY.fullmatch(text)
    return found["key"] if found else text


def value(page: Resolver, text: str, place: Place) -> str:
    """A number of the reference record."""
    claim, _, what = key(text).partition(" ")
    try:
        return page.cards.value(claim, what)
    except NoValueError as error:
        raise place.error(f"{{value}}`{text}`: {error}") from error


def verdict(page: Resolver, text: str, place: Place) -> str:
    """A claim in a sentence: its name, which leads to its card, and its verdict."""
    claim = page.cards.by_id.get(key(text))
    if claim is None:
        raise place.error(f"{text!r} is not a claim of benchmarks/plan/ledger.json")
    return f"[`{claim.id}`]({page.cards.url(claim)}) (*{LABELS[claim.mark].rstrip(' …').lower()}*)"


def mark(page: Resolver, text: str, place: Place) -> str:
    """The name of a verdict with its mark."""
    name = key(text)
    if name not in {str(each or "not yet") for each in MARKS}:
        raise place.error(f"{text!r} is not a verdict")
    return pictured(page.cards.render("mark", lines=[MARKS[None if name == "not yet" else name]]))


def doc(page: Resolver, text: str, place: Place) -> str:
    """A page of the book by its name."""
    name = posixpath.normpath(posixpath.join(posixpath.dirname(page.page), key(text)))
    return f"[{page.addresses.title(name, place)}]({page.addresses.of(key(text), place)})"


ROLES: dict[str, Callable[[Resolver, str, Place], str]] = {
    "doc": doc,
    "mark": mark,
    "value": value,
    "verdict": verdict,
}
