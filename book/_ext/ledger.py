"""Claim cards, the verdict strip, findings, the scorecard and "predict first": drawn from the ledger and its records.

A page says which claim it means and nothing about its result, so a new record changes every page at once:

    ```{claim} tune-keepalive          the card; the page that holds it becomes the claim's home; content: see `book.derived`
    ```{verdict-strip}                 one mark a claim; `:section: tune` narrows it
    ```{scorecard}                     the table; `:section: tune` narrows it
    ```{findings} id id                front-page cards; content: id | verdict | headline | teaser
    ```{predict} tune-keepalive        content: the question, then one choice a line, each with a dash
    ```{explorable} keepalive          `_explorables/keepalive.html` and its script, on this page alone; content: for those who see the source alone
    {verdict}`tune-keepalive`          a mark and a link in a sentence
    {value}`tune-keepalive ratio`      a number of the reference record, in words; see `value`
    {value}`2.8 times <tune-keepalive ratio>`   the same: what stands before the brackets is for those who see the source alone
    {mark}`holds when`                 the mark and name of a verdict, where verdicts are explained

Nodes stay symbolic until `doctree-resolved`, where they become HTML (which the search index reads) or one plain line.
"""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective, SphinxRole

from .cards import EXPLORABLES, Page
from .data import MARKS, Data, load
from .value import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

log = logging.getLogger(__name__)


class ledger(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801 - named as docutils names its nodes
    """A block of the ledger, waiting for its page's address."""


def homes(env: BuildEnvironment) -> dict[str, str]:
    """Id of a claim -> name of the page that holds its card."""
    found: dict[str, str] = env.__dict__.setdefault("ledger_homes", {})
    return found


class Block(SphinxDirective):
    optional_arguments, final_argument_whitespace, has_content = 1, True, True
    option_spec: ClassVar = {"section": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        argument = self.arguments[0] if self.arguments else ""
        known = {claim.id for claim in data(self.env).claims}
        unknown = [i for i in argument.split() if i not in known] if self.name != "explorable" else []
        if unknown:
            raise self.error(f"{unknown[0]!r} is not a claim of benchmarks/plan/ledger.json")
        if self.name == "explorable" and not (EXPLORABLES / f"{argument}.html").is_file():
            raise self.error(f"there is no explorable {argument!r} in {EXPLORABLES.name}/")
        if self.name == "claim":
            first = homes(self.env).setdefault(argument, self.env.docname)
            if first != self.env.docname:
                log.warning("the card of claim %s is on %s already", argument, first, location=self.get_location())
        section = self.options.get("section", "")
        return [ledger(block=self.name, argument=argument, lines=list(self.content), section=section)]


class VerdictRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if not any(claim.id == self.text for claim in data(self.env).claims):
            message = self.inliner.reporter.error(
                f"{self.text!r} is not a claim of benchmarks/plan/ledger.json", line=self.lineno
            )
            return [], [message]
        return [ledger(block="verdict", argument=self.text, lines=[], section="")], []


class ValueRole(ReferenceRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim, _, what = self.target.partition(" ")
        return [ledger(block="value", argument=claim, lines=[what], section="")], []


class MarkRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        names: dict[str, str | None] = {str(name or "not yet"): name for name in MARKS}
        if self.text not in names:
            message = self.inliner.reporter.error(f"{self.text!r} is none of {', '.join(names)}", line=self.lineno)
            return [], [message]
        return [ledger(block="mark", argument="", lines=[MARKS[names[self.text]]], section="")], []


def data(env: BuildEnvironment) -> Data:
    found: Data = env.app.ledger_data  # type: ignore[attr-defined]
    return found


class SiteLinks:
    """Where the links of a page of the site lead."""

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.app, self.docname, self.copies = app, docname, data(app.env).copies

    def page(self, name: str, anchor: str = "") -> str:
        address = self.app.builder.get_relative_uri(self.docname, name)
        return f"{address}#{anchor}" if anchor else address

    def static(self, source: Path) -> str:
        """Of the copy of `source` in the site, so that record and code open without a server and without a network."""
        return "../" * self.docname.count("/") + f"_static/{self.copies[source]}"


def html(page: Page, node: ledger, docname: str) -> str:
    """A block as it stands on its page. A number that is not there is a warning, which ends the build."""
    block, argument, lines = node["block"], node["argument"], node["lines"]
    if block == "explorable":
        return (EXPLORABLES / f"{argument}.html").read_text("utf8")
    if block == "value":
        try:
            return escape(page.value(argument, lines[0]))
        except LookupError as error:
            log.warning("{value}`%s %s`: %s", argument, lines[0], error, location=docname)
            return NOTHING
    return page.render(block, argument, lines, node["section"])


def read(app: Sphinx) -> None:
    app.ledger_data = load(Path(app.srcdir))  # type: ignore[attr-defined]


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    page = Page(data(app.env), homes(app.env), SiteLinks(app, docname)) if app.builder.format == "html" else None
    for node in list(doctree.findall(ledger)):
        if page:
            node.replace_self(nodes.raw("", html(page, node, docname), format="html"))
        else:
            node.replace_self(nodes.Text(f"[{node['block']} {node['argument']}]"))


def scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """An explorable's script is loaded on the page that shows it, nowhere else."""
    body = context.get("body") or ""
    if doctree is not None and 'data-explorable="' in body:
        name = body.split('data-explorable="')[1].split('"')[0]
        app.add_js_file(f"{name}.js", defer="defer")


def copy(app: Sphinx, error: Exception | None) -> None:
    """Records and experiments go into the site, so that a reader can check a number with nothing else at hand."""
    if error or app.builder.format != "html":
        return
    for source, target in data(app.env).copies.items():
        path = Path(app.outdir, "_static", target)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    env.__dict__["ledger_homes"] = {claim: home for claim, home in homes(env).items() if home != docname}


def merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    homes(env).update({claim: home for claim, home in homes(other).items() if home in set(docnames)})


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(ledger)
    for name in ("claim", "verdict-strip", "scorecard", "findings", "predict", "explorable"):
        app.add_directive(name, Block)
    app.add_role("verdict", VerdictRole())
    app.add_role("mark", MarkRole())
    app.add_role("value", ValueRole())
    app.connect("builder-inited", read)
    app.connect("doctree-resolved", resolve)
    app.connect("html-page-context", scripts)
    app.connect("build-finished", copy, priority=400)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
