"""A number and its per cent have one space between them, and are not torn at the end of a line.

It is done on the finished page, since text comes from prose, claim cards and outputs of notebooks alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Where no space may come in: what people copy, what browsers run, and the inside of every tag
APART = re.compile(r"<(pre|code|script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
PER_CENT = re.compile(r"(?<=\d) ?%(?!\w)")


def unbroken(page: str) -> str:
    """HTML with a no-break space between each number and its per cent, except in code."""
    parts, at = [], 0
    for apart in APART.finditer(page):
        parts += [_joined(page[at : apart.start()]), apart[0]]
        at = apart.end()
    return "".join([*parts, _joined(page[at:])])


def _joined(text: str) -> str:
    return PER_CENT.sub("\N{NO-BREAK SPACE}%", text)


def join(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    if "body" in context:
        context["body"] = unbroken(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", join)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
