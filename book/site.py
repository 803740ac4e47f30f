"""Build the HTML site into `_build/html`: whole or not at all, and not again while nothing has changed."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import yaml
from jupyter_book.config import get_final_config
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

TOP = Path(__file__).resolve().parent.parent
BUILD = TOP / "_build"
HTML = BUILD / "html"

# What a page can depend on. Notebooks' own imports are not among it: their outputs are stored, nothing is executed here.
INPUTS = (
    "_config.yml",
    "_toc.yml",
    "book",
    "benchmarks/ledger.json",
    "benchmarks/results",
    "benchmarks/experiments",
    "results",
)
# A change in one of these makes the stored doctrees useless.
MACHINERY = ("_config.yml", "_toc.yml", "book/_ext", "benchmarks/ledger.json")
# get_final_config expects these from its own command line
CLI = {"latex_individualpages": False}
PACKAGES = ("jupyter-book", "sphinx", "sphinx-book-theme", "myst-nb", "sphinx-exercise", "sphinx-design")


class BuildError(Exception):
    """The site was not built; `str()` is what to read. The one built before is still in place."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """index: the page to open. pages: how many. fresh: False when nothing had changed."""

    index: Path
    pages: int
    fresh: bool


class Progress(io.StringIO):
    """Sphinx's status lines, of which only "reading sources... [ 50%]" is told, as a share of the whole."""

    STEPS = (("reading sources", 0.0, 0.5), ("writing output", 0.5, 0.45), ("copying", 0.95, 0.05))

    def __init__(self, tell: Callable[[float], None]) -> None:
        super().__init__()
        self.tell = tell

    def write(self, text: str) -> int:
        for step, start, share in self.STEPS:
            if step in text and (found := re.search(r"\[ *(\d+)%\]", text)):
                self.tell(start + share * int(found[1]) / 100)
        return len(text)


def documents(toc: Path = TOP / "_toc.yml") -> list[str]:
    """The pages of the contents, in order, without their suffix."""

    def walk(item: object) -> Iterator[str]:
        if isinstance(item, dict):
            yield from (str(item[key]) for key in ("root", "file") if key in item)
            for key in ("parts", "chapters", "sections"):
                yield from walk(item.get(key, []))
        elif isinstance(item, list):
            for each in item:
                yield from walk(each)

    return list(walk(yaml.safe_load(toc.read_text("utf8"))))


def files(inputs: tuple[str, ...]) -> list[Path]:
    found: list[Path] = []
    for name in inputs:
        path = TOP / name
        found += [path] if path.is_file() else sorted(path.rglob("*"))
    return [
        path
        for path in found
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts
    ]


def digest(inputs: tuple[str, ...]) -> str:
    """A key of the contents of `inputs` and of the tools that read them."""
    key = hashlib.sha256(repr([(name, version(name)) for name in PACKAGES] + [sys.version_info[:2]]).encode())
    for path in files(inputs):
        key.update(path.relative_to(TOP).as_posix().encode() + b"\0" + path.read_bytes())
    return key.hexdigest()


def build(tell: Callable[[float], None] = lambda share: None, *, again: bool = False) -> Built:
    """Build the site, warnings as errors and every reference checked; raises `BuildError`.

    tell   is called with the share that is done, 0 to 1
    again  builds even when nothing has changed
    """
    pages = documents()
    missing = [page for page in pages if not any((TOP / f"{page}{suffix}").is_file() for suffix in (".md", ".ipynb"))]
    if missing:
        raise BuildError(f"_toc.yml names pages that do not exist: {', '.join(missing)}")
    stamp, machinery = BUILD / "site.key", BUILD / "doctrees.key"
    index = HTML / "book" / "intro.html"
    key, machine = digest(INPUTS), digest(MACHINERY)
    if not again and index.is_file() and stamp.is_file() and stamp.read_text() == key:
        return Built(index=HTML / "index.html", pages=len(pages), fresh=False)

    fresh = BUILD / "html.new"
    shutil.rmtree(fresh, ignore_errors=True)
    if again or not machinery.is_file() or machinery.read_text() != machine:
        shutil.rmtree(BUILD / "doctrees", ignore_errors=True)
    fresh.mkdir(parents=True)
    sphinx(fresh, tell)
    absent = [page for page in pages if not (fresh / f"{page}.html").is_file()]
    if absent:
        raise BuildError(f"Sphinx reported no error, yet these pages were not written: {', '.join(absent)}")
    replace(HTML, fresh)
    machinery.write_text(machine)
    stamp.write_text(key)
    tell(1.0)
    return Built(index=HTML / "index.html", pages=len(pages), fresh=True)


def sphinx(target: Path, tell: Callable[[float], None]) -> None:
    """Run Sphinx with Jupyter Book's configuration; raises `BuildError` with every warning."""
    config, _ = get_final_config(user_yaml=TOP / "_config.yml", sourcedir=TOP, cli_config={"nitpicky": True, **CLI})
    warnings = io.StringIO()
    try:
        with patch_docutils(TOP), docutils_namespace():
            app = Sphinx(
                srcdir=TOP,
                confdir=None,
                outdir=target,
                doctreedir=BUILD / "doctrees",
                buildername="html",
                confoverrides=config,
                status=Progress(tell),
                warning=warnings,
                warningiserror=True,
                keep_going=True,
            )
            app.build(force_all=True)
    except Exception as error:
        raise BuildError(f"{warnings.getvalue()}{type(error).__name__}: {error}") from error
    if app.statuscode:
        raise BuildError(warnings.getvalue())


def replace(old: Path, new: Path) -> None:
    """Put the finished site in place in two renames, so that a reader never meets half a site."""
    gone = old.with_name("html.old")
    shutil.rmtree(gone, ignore_errors=True)
    if old.exists():
        old.rename(gone)
    new.rename(old)
    shutil.rmtree(gone, ignore_errors=True)
