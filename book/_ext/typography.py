"""A number is not torn from its per cent at the end of a line, and no source of the book has to hold a space nobody sees.

It is done on the finished page, since text comes from prose, claim cards and outputs of notebooks alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# where a space may be meant: what people copy, and what browsers run
APART = re.compile(r"(<(pre|code|script|style|svg)\b.*?</\2>)", re.DOTALL)


def unbroken(page: str) -> str:
    """HTML with a no-break space between a number and its per cent, except in code."""
    parts, at = [], 0
    for apart in APART.finditer(page):
        parts += [_joined(page[at : apart.start()]), apart[0]]
        at = apart.end()
    return "".join([*parts, _joined(page[at:])])


def _joined(text: str) -> str:
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", text)


def join(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    if "body" in context:
        context["body"] = unbroken(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", join)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
