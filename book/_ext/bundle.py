"""After the build: one style sheet a page instead of eleven, scripts deferred, icon font and icon script left behind.

The theme's head is written by the theme, so this works on the finished pages and touches nothing else. It matters on a
phone: with every sheet and script of the theme in its way, the first text comes seconds later.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LINK = re.compile(r'<link\b[^>]*rel="stylesheet"[^>]*>')
HREF = re.compile(r'href="([^"?]+)')
IMPORT = re.compile(r"""@import\s*(?:url\()?["']?([^"')]+)["']?\)?\s*;""")
URL = re.compile(r"""url\((["']?)([^"')]+)\1\)""")
ICON_RULES = re.compile(
    r"(?:\.fa-[\w-]+(?::+(?:before|after))?,?)+\{(?:content|--fa)[^}]*\}"
)  # 1,900 glyphs; icons.css draws ten
ICON_FACES = re.compile(r"@font-face\s*\{[^}]*Font\s?Awesome[^}]*\}")
ICON_SCRIPT = re.compile(r'<script defer src="[^"]*scripts/fontawesome\.js[^"]*"></script>')
# documentation_options.js stays as it is: an inline script uses what it defines
BLOCKING = re.compile(r"<script (?![^>]*\b(?:defer|async|type|documentation_options)\b)([^>]*\bsrc=)")
PRELOADED_SCRIPT = re.compile(r'<link rel="preload" as="script"[^>]*>')


def sheet(path: Path, static: Path) -> str:
    """The style sheet at `path`, imports unfolded, addresses relative to `static`."""
    css = path.read_text("utf8").replace('@charset "UTF-8";', "")
    if path.name == "pydata-sphinx-theme.css":
        css = ICON_FACES.sub("", ICON_RULES.sub("", css))

    def imported(match: re.Match[str]) -> str:  # an import in the middle of a sheet is void: put the sheet there
        target = path.parent / match[1]
        return sheet(target, static) if target.is_file() else ""

    def moved(match: re.Match[str]) -> str:
        if re.match(r"[a-z]+:|#|/", match[2]):
            return match[0]
        return f"url({match[1]}{os.path.relpath(path.parent / match[2], static)}{match[1]})"

    return URL.sub(moved, IMPORT.sub(imported, css))


def bundled(page: Path, static: Path, made: dict[tuple[Path, ...], str]) -> str:
    """The finished text of `page`. `made` remembers the bundles of one build."""
    text = page.read_text("utf8")
    tags = LINK.findall(text)
    files = tuple((page.parent / match[1]).resolve() for tag in tags if (match := HREF.search(tag)))
    if len(files) > 1 and all(file.is_file() for file in files):
        if files not in made:
            css = "\n".join(sheet(file, static) for file in files)
            made[files] = f"bundle-{hashlib.sha256(css.encode()).hexdigest()[:8]}.css"
            (static / made[files]).write_text(css, "utf8")
        link = f'<link rel="stylesheet" href="{os.path.relpath(static / made[files], page.parent)}">'
        for n, tag in enumerate(tags):
            text = text.replace(tag, "" if n else link, 1)
    return PRELOADED_SCRIPT.sub("", BLOCKING.sub(r"<script defer \1", ICON_SCRIPT.sub("", text)))


def finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static").resolve()
    made: dict[tuple[Path, ...], str] = {}
    for page in Path(app.outdir).resolve().rglob("*.html"):
        page.write_text(bundled(page, static, made), "utf8")
    for junk in [*static.glob("scripts/fontawesome.js*"), *static.glob("vendor/fontawesome/webfonts/*")]:
        junk.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
