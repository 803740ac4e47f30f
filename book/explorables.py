"""An explorable in a notebook: live where a notebook may run scripts, elsewhere its picture and a link to its page."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from book._ext import styles
from book._ext.cards import EXPLORABLES
from book.contents import documents, source
from book.site import HTML
from book.workbooks.pictures import image
from labs.errors import LabError

PICTURE = re.compile(r'<div class="([\w-]+)[^>]*>|<h3>(.*?)</h3>|(<svg\b[^>]*role="img".*?</svg>)', re.DOTALL)
# The frame takes the theme of the notebook around it and the height of what it holds, and hides what stands in for it
FIT = """
const body = parent.document.body;
document.documentElement.dataset.theme = body.dataset.jpThemeLight === "false" || /dark/.test(body.className) ? "dark" : "light";
frameElement.nextElementSibling.hidden = true;
frameElement.style.display = "block";
const fit = () => { frameElement.style.height = document.documentElement.offsetHeight + "px"; };
new ResizeObserver(fit).observe(document.documentElement);
"""
PAGE = "html { background: var(--paper); color: var(--ink); font-size: 14px; --sans: system-ui, sans-serif; } body { margin: 0; padding: 1px 12px; } figure { margin: 0; } figcaption { font-size: .85rem; color: var(--ink-2); }"


@dataclass(frozen=True)
class Explorable:
    """One of `_explorables/`. `page` is the page of the book that it stands on."""

    name: str
    page: str

    def document(self) -> str:
        """A page of its own that holds it, with its styles and its script."""
        html = (EXPLORABLES / f"{self.name}.html").read_text("utf-8")
        script = (EXPLORABLES.parent / "_static" / f"{self.name}.js").read_text("utf-8")
        names = frozenset(name for found in re.findall(r'class="([^"]*)"', html + script) for name in found.split())
        named = "\n".join(
            f"{selector}{{{body}}}" for media, selector, body in styles.rules() if not media and body.startswith("--")
        )
        css = f"{named}\n{PAGE}\n{styles.css(names)}"
        return f'<!doctype html><html lang="en"><meta charset="utf-8"><style>{css}</style><body>{html}<script>{FIT}{script}</script></body></html>'

    def shown(self, folder: Path) -> dict[str, str]:
        """What a notebook in `folder` shows, by the kinds of what it may be able to show."""
        frame = f'<iframe title="{self.name}" style="display: none; width: 100%; height: 600px; border: 0" srcdoc="{escape(self.document())}"></iframe>'
        built = HTML / f"{self.page}.html"
        if built.is_file():
            where = f'It runs on <a href="{quote(os.path.relpath(built, folder))}">its page of the site</a>.'
        else:
            where = "Run this cell, or build the site and read its page: <code>make site</code>, then <code>make read</code>."
        still = f"<div>{self.pictures()}<p>A picture of an explorable. {where}</p></div>"
        return {
            "text/html": f"<div>{frame}{still}</div>",
            "text/plain": f"The explorable {self.name!r}, on the page {self.page}",
        }

    def pictures(self) -> str:
        """Its drawings as they are before anything is moved."""
        html, made, around = (EXPLORABLES / f"{self.name}.html").read_text("utf-8"), [], ""
        for part in PICTURE.finditer(html):
            around = part[1] or around
            if part[2]:
                made.append(f"<p><b>{part[2]}</b></p>")
            elif part[3]:
                made.append(
                    image(part[3], "width: 100%; max-width: 480px; padding: 8px; box-sizing: border-box", around)
                )
        return "".join(made)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return self.shown(Path.cwd())

    def __repr__(self) -> str:
        return self.shown(Path.cwd())["text/plain"]


def explorable(name: str, *, page: str = "") -> Explorable:
    """The explorable with this name; raises `LabError` when there is none."""
    known = [path.stem for path in sorted(EXPLORABLES.glob("*.html"))]
    if name not in known:
        raise LabError(f"There is no explorable {name!r}: there are {', '.join(known)}.")
    return Explorable(name, page or next(each for each in documents() if stands_on(name, each)))


def stands_on(name: str, page: str) -> bool:
    """Whether a page shows this explorable."""
    path = source(page)
    return path is not None and f"{{explorable}} {name}" in path.read_text("utf-8")
