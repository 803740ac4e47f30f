"""Put SVG pictures into the page instead of behind <img>.

They then follow the light and dark theme, use the book's fonts, can be read by a screen reader, and cost no request. A
file stays whole when it is opened alone or in JupyterLab.

Colours: every `--name: #rrggbb` in the first block of book.css is a token. A picture that uses the token's hex value
gets `var(--name, #rrggbb)`. The style sheet is thus the only place where a colour is decided.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils import nodes  # type: ignore[import-untyped]
    from sphinx.application import Sphinx

CSS = Path(__file__).parent.parent / "_static" / "book.css"
HEX = re.compile(r"(?<!var\()#[0-9a-fA-F]{6}\b(?!\))")


def tokens() -> dict[str, str]:
    """Hex value in lower case -> name of the token, from the light block of book.css."""
    light = CSS.read_text("utf8").split("}")[0]
    return {value.lower(): name for name, value in re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})", light)}


TOKENS = tokens()


def tokened(match: re.Match[str]) -> str:
    name = TOKENS.get(match[0].lower())
    return f"var(--{name}, {match[0]})" if name else match[0]


def inline(text: str, alt: str, prefix: str) -> str:
    """The SVG `text` as an element of a page; `prefix` keeps its ids unique among the pictures of that page."""
    svg = text[text.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{prefix}-", svg)
    svg = HEX.sub(tokened, svg)
    head, rest = svg.split(">", 1)
    own = re.search(
        r'\saria-label="([^"]*)"', head
    )  # a drawn figure brings its own words, a page may bring better ones
    label = escape(alt, quote=True) if alt else own[1] if own else ""
    head = re.sub(r'\s(role|aria-label|width|height)="[^"]*"', "", head)
    return f'{head} class="picture" role="img" aria-label="{label}">{rest}'


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    from docutils import nodes

    for n, image in enumerate(list(doctree.findall(nodes.image))):
        path = Path(app.srcdir, image["uri"])
        if not path.exists():
            path = Path(image["uri"])
        if path.suffix == ".svg" and path.exists():
            svg = inline(path.read_text("utf8"), image.get("alt", ""), f"pic{n}")
            image.replace_self(nodes.raw("", svg, format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-resolved", resolve, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
