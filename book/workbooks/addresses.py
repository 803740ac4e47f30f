"""Where the links of a workbook lead: to other workbooks, and to files of the checkout."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from book.workbooks.parse import headings
from book.workbooks.sources import slug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from book.workbooks.parse import Place
    from book.workbooks.sources import Source

OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Links of one page, as its workbook has them.

    top     the checkout
    folder  of the workbooks
    pages   name of a page -> its source
    names   name of a page -> name of its workbook
    here    the page
    """

    top: Path
    folder: Path
    pages: Mapping[str, Source]
    names: Mapping[str, str]
    here: str

    def page(self, name: str, anchor: str = "") -> str:
        """A page's workbook. The card of a claim is a cell, so it is named as one; other places by their anchor."""
        to = "" if name == self.here and anchor else quote(self.names[name])
        if anchor.startswith("claim-"):
            anchor = f"cell-id={anchor}"
        return f"{to}#{quote(anchor, safe='=')}" if anchor else to

    def static(self, source: Path) -> str:
        """A file of the checkout, from the folder of the workbooks."""
        return quote(os.path.relpath(source, self.folder).replace(os.sep, "/"))

    def title(self, name: str, place: Place) -> str:
        """The title of a page. Raises `SourceError` when there is none with this name."""
        if name not in self.pages:
            raise place.error(f"there is no page {name!r} in _toc.yml")
        return self.pages[name].title

    def of(self, href: str, place: Place) -> str:
        """What a link of the source becomes. Raises `SourceError` when it leads nowhere."""
        if OUTSIDE.match(href):
            return href
        path, _, anchor = unquote(href).partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self.here), path)) if path else self.here
        stem = re.sub(r"\.(md|ipynb)$", "", name)
        if stem in self.pages:
            return self.page(stem, self._heading(stem, anchor, place) if anchor else "")
        return self.static(self.file(path, place))

    def file(self, path: str, place: Place) -> Path:
        """A file that a page names. Raises `SourceError` when there is none."""
        found = self.top / posixpath.normpath(posixpath.join(posixpath.dirname(self.here), path))
        if not found.is_file():
            raise place.error(f"there is no {path!r}")
        return found

    def _heading(self, page: str, anchor: str, place: Place) -> str:
        """The cell that has the heading which the site knows by `anchor`: JupyterLab finds cells, in view or not."""
        for cell in self.pages[page].cells:
            if cell.kind == "markdown" and any(slug(text) == anchor for _, text in headings(cell.text)):
                return f"cell-id={cell.id}"
        raise place.error(f"{page} has no heading #{anchor}")
