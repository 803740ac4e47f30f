"""Leave out what an offline book must not load, and add what a page should have.

Out: thebe's constants (a page error on every page), and MathJax and require.js from content networks, on pages that
hold neither mathematics nor widgets. In: a description, and an early request for the text faces.
"""

from __future__ import annotations

import json
from html import escape
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from docutils import nodes  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from sphinx.application import Sphinx

UNWANTED = ("thebe", "mathjax", "require.min.js", "jsdelivr", "unpkg", "cdnjs")
# by a script, because a page opened straight from the disk may not ask for a font this way, and would log an error
PRELOAD = """<script>if (location.protocol !== "file:") %s.forEach(href => document.head.append(Object.assign(
document.createElement("link"), {rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href})))</script>"""
FACES = ("source-serif-4-latin-wght-normal", "source-sans-3-latin-wght-normal")


def wanted(file: Any) -> bool:
    attributes = getattr(file, "attributes", {}) or {}
    text = f"{getattr(file, 'filename', file) or ''} {attributes.get('body') or ''}".lower()
    return not any(word in text for word in UNWANTED)


def strip(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    for key in ("script_files", "css_files"):
        context[key] = [file for file in context.get(key, []) if wanted(file)]
    # a page that names no description gets its first paragraph
    meta = context.get("metatags", "")
    if doctree is not None and 'name="description"' not in meta:
        first = next(iter(doctree.findall(nodes.paragraph)), None)
        if first is not None:
            meta += f'<meta name="description" content="{escape(shorten(first.astext(), 155), quote=True)}">'
    # the text faces are asked for before the style sheet is read: no jump of the lines
    up = "../" * pagename.count("/")
    context["metatags"] = meta + PRELOAD % json.dumps([f"{up}_static/fonts/{face}.woff2" for face in FACES])


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", strip, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
