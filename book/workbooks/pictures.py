"""Pictures inside of a page: JupyterLab removes an `<svg>`, and keeps an `<img>` that holds one.

Such a picture knows no style sheet and no theme. So what it needs of book.css goes into it, in the light colours, and it
stands on a light ground.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from html import escape, unescape
from typing import TYPE_CHECKING

from book._ext import styles
from book._ext.typography import unbroken

if TYPE_CHECKING:
    from pathlib import Path

SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
CLASSES = re.compile(r'class="([^"]*)"')
LABEL = re.compile(r'\saria-label="([^"]*)"')
UNSEEN = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
# Drawn for the book's own face, which is not everywhere: others are shown as small as it is, so that words fit their boxes
FIT = "text{font-size-adjust:.486}"
GROUND = "background: {paper}; border-radius: 3px"


def address(svg: str, around: str = "") -> str:
    """A picture as the address of itself; `around` names the classes of what it stands in."""
    names = {name for found in CLASSES.findall(svg) for name in found.split()} | set(around.split())
    head, inner = UNSEEN.sub("", svg[svg.index("<svg") :]).split(">", 1)
    if around:
        inner = f'<g class="{around}">{inner.removesuffix("</svg>")}</g></svg>'
    svg = f"{head}><style>{FIT}{_css(frozenset(names))}</style>{inner}"
    if "xmlns=" not in svg.split(">", 1)[0]:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


@cache
def _css(names: frozenset[str]) -> str:
    return styles.css(names, inline=True)


def image(svg: str, style: str, around: str = "") -> str:
    """A picture as an element, on a light ground, with the words that it has for who does not see it."""
    alt = LABEL.search(svg.split(">", 1)[0])
    ground = GROUND.format(paper=styles.token("paper"))
    return f'<img alt="{alt[1] if alt else ""}" style="{ground}; {style}" src="{address(svg, around)}">'


def pictured(html: str) -> str:
    """HTML with each `<svg>` as an `<img>`, and without empty lines, so that Markdown takes it for one piece."""

    def put(match: re.Match[str]) -> str:
        if 'class="vmark' in match[0]:
            return image(match[0], "width: 14px; height: 14px; padding: 2px; margin-right: 4px; vertical-align: -4px")
        return image(match[0], "width: 100%; max-width: 600px; padding: 8px; box-sizing: border-box")

    return re.sub(r"\n\s*\n+", "\n", unbroken(SVG.sub(put, html))).strip()


def paper(svg: str) -> str:
    """A picture with a light ground of its own."""
    head, inner = svg[svg.index("<svg") :].split(">", 1)
    return f'{head}><rect width="100%" height="100%" fill="{styles.token("paper")}"/>{inner}'


def figure(path: Path, alt: str, caption: str) -> str:
    """A picture of a file with its caption, which is HTML."""
    ground = GROUND.format(paper=styles.token("paper"))
    style = f"{ground}; width: 100%; max-width: 720px; padding: 8px; box-sizing: border-box"
    if path.suffix == ".svg":
        source = address(path.read_text("utf-8"))
    else:
        source = f"data:image/{path.suffix[1:]};base64,{base64.b64encode(path.read_bytes()).decode()}"
    words = escape(unescape(alt), quote=True)
    return (
        f'<figure style="margin: 12px 0">\n<img alt="{words}" style="{style}" src="{source}">\n'
        f'<figcaption style="max-width: 720px; opacity: 0.8">{caption}</figcaption>\n</figure>'
    )
