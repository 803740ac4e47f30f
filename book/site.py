"""Build the HTML site into `_build/html`: whole or not at all, and not again while nothing has changed."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from book.contents import TOP, documents, source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUILD = TOP / "_build"
HTML = BUILD / "html"
INDEX = HTML / "index.html"

# What a page can depend on. What notebooks import is not among it: their outputs are stored, nothing is executed here.
INPUTS = ("_config.yml", "_toc.yml", "book", "benchmarks", "results")
# A change in one of these makes the stored doctrees useless.
MACHINERY = ("_config.yml", "_toc.yml", "book/_ext", "benchmarks/plan/ledger.json")
PACKAGES = ("jupyter-book", "sphinx", "sphinx-book-theme", "myst-nb", "sphinx-exercise", "sphinx-design")


class BuildError(Exception):
    """The site was not built; `str()` is what to read. The one built before is still in place."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """pages: how many. fresh: False when nothing had changed, so that nothing was done."""

    pages: int
    fresh: bool


class Status(io.StringIO):
    """Sphinx's status lines, of which only such as "reading sources... [ 50%]" are told, as a share of the whole."""

    STEPS = (("reading sources", 0.0, 0.5), ("writing output", 0.5, 0.45), ("copying", 0.95, 0.05))

    def __init__(self, moved: Callable[[float], None] | None) -> None:
        super().__init__()
        self.moved = moved

    def write(self, text: str) -> int:
        """Take one piece of a status line."""
        for step, start, share in self.STEPS:
            if self.moved and step in text and (found := re.search(r"\[ *(\d+)%\]", text)):
                self.moved(start + share * int(found[1]) / 100)
        return len(text)


def build(moved: Callable[[float], None] | None = None, *, again: bool = False) -> Built:
    """Build the site, warnings as errors and every reference checked; raises `BuildError`.

    moved  is called with the share that is done, 0 to 1
    again  builds from nothing, even when nothing has changed
    """
    pages = documents()
    if missing := [page for page in pages if not source(page)]:
        raise BuildError(f"_toc.yml names pages that do not exist: {', '.join(missing)}")
    stamp, machinery = BUILD / "site.key", BUILD / "doctrees.key"
    key, machine = digest(INPUTS), digest(MACHINERY)
    if not again and INDEX.is_file() and stamp.is_file() and stamp.read_text() == key:
        return Built(pages=len(pages), fresh=False)

    target = BUILD / "html.new"
    shutil.rmtree(target, ignore_errors=True)
    if again or not machinery.is_file() or machinery.read_text() != machine:
        shutil.rmtree(BUILD / "doctrees", ignore_errors=True)
    target.mkdir(parents=True)
    try:
        run_sphinx(target, moved)
    except BuildError:
        # Sphinx keeps a page that it warned of, and would not warn again
        shutil.rmtree(BUILD / "doctrees", ignore_errors=True)
        raise
    if absent := [page for page in pages if not (target / f"{page}.html").is_file()]:
        raise BuildError(f"Sphinx reported no error, yet these pages were not written: {', '.join(absent)}")
    put_in_place(target)
    machinery.write_text(machine)
    stamp.write_text(key)
    return Built(pages=len(pages), fresh=True)


def files(inputs: tuple[str, ...]) -> list[Path]:
    """All files of these files and folders, without what tools leave in them."""
    found = [
        path
        for name in inputs
        for path in ([TOP / name] if (TOP / name).is_file() else sorted((TOP / name).rglob("*")))
    ]
    return [path for path in found if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)]


def digest(inputs: tuple[str, ...]) -> str:
    """A key of the contents of `inputs` and of the tools that read them."""
    key = hashlib.sha256(repr([sys.version_info[:2], *((name, version(name)) for name in PACKAGES)]).encode())
    for path in files(inputs):
        key.update(path.relative_to(TOP).as_posix().encode() + b"\0" + path.read_bytes())
    return key.hexdigest()


def run_sphinx(target: Path, moved: Callable[[float], None] | None) -> None:
    """Run Sphinx with Jupyter Book's configuration; raises `BuildError` with every warning.

    Not through the command `jupyter-book`: it has no way to tell how far it is, and it builds over the old site.
    """
    from jupyter_book.config import get_final_config  # type: ignore[import-untyped]
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    # the second key is one that this function expects from its own command line
    mine = {"nitpicky": True, "latex_individualpages": False}
    config, _ = get_final_config(user_yaml=TOP / "_config.yml", sourcedir=TOP, cli_config=mine)
    warnings = io.StringIO()
    try:
        with patch_docutils(str(TOP)), docutils_namespace():
            app = Sphinx(
                srcdir=TOP,
                confdir=None,
                outdir=target,
                doctreedir=BUILD / "doctrees",
                buildername="html",
                confoverrides=config,
                status=Status(moved),
                warning=warnings,
                warningiserror=True,
                keep_going=True,
            )
            app.build(force_all=True)
    except Exception as error:
        raise BuildError(f"{warnings.getvalue()}{type(error).__name__}: {error}") from error
    if app.statuscode:
        raise BuildError(warnings.getvalue().rstrip())


def put_in_place(target: Path) -> None:
    """Swap the finished site in by two renames, so that a reader never meets half a site."""
    old = BUILD / "html.old"
    shutil.rmtree(old, ignore_errors=True)
    if HTML.exists():
        HTML.rename(old)
    target.rename(HTML)
    shutil.rmtree(old, ignore_errors=True)
