"""Commands that make the pages and show them: site, book, read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Annotated

import typer

from benchmarks import words
from book import progress, site
from book.commands.terminal import fail, told
from book.contents import TOP

PATIENCE = 600  # seconds that a claim waits for another measurement on this machine; it says so

app = typer.Typer()


@app.command("site")
def build_site(
    again: Annotated[
        bool, typer.Option("--again", help="Build every page from nothing, even when nothing has changed.")
    ] = False,
) -> None:
    """Build the pages into _build/html, without measuring anything.

    Uses the recorded results, and this machine's own where there are some. Needs no server and no network.

    Example: python -m book site
    """
    page_count(again=again)
    typer.echo(f"The book is in {told(site.INDEX)}. Read it: make read")


@app.command("book")
def build_book(
    again: Annotated[bool, typer.Option("--again", help="Measure all, also what this code has measured here.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="All of each claim, in place of a line.")] = False,
) -> None:
    """Measure every claim that this machine can run, then build the pages with its results beside the book's.

    The runs are short (profile smoke): enough to see that everything works, and whether it is as in the book, differs, or cannot
    be told here, and why. Statements that are true or false go side by side, effects are measured one after the other. A claim
    that this very code has measured on this machine before keeps its result.

    Example: python -m book book
    """
    from book.closing import broken, closing

    started = time.monotonic()
    typer.echo("Measuring (smoke)")
    # progress comes on its error stream, to the reader; what became of each claim on the other, to us
    command = [sys.executable, "-m", "benchmarks", "run", "--all", "--profile", "smoke", "--json"]
    command += ["--wait", str(PATIENCE)]
    command += [] if again else ["--missing"]
    command += [] if verbose else ["--brief"]
    measured = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, text=True, check=False)
    if not measured.stdout:
        fail(
            "The measurements ended early; the lines above say why. Build the pages without them: make site",
            measured.returncode or 1,
        )
    entries = json.loads(measured.stdout)
    typer.echo(progress.line("", words.counted(len(entries), "claim"), time.monotonic() - started))
    page_count()

    typer.echo(closing(told(site.INDEX), entries))
    typer.echo("Read it: make read      Work with it: make lab      Only the site: make site")
    if failed := broken(entries):
        fail(
            f"These did not run to the end, and the lines above say why: {words.listed(failed)}",
            measured.returncode or 1,
        )


@app.command("read")
def read() -> None:
    """Serve the built pages to this machine alone, until Ctrl+C.

    The pages also open without this, straight from _build/html/index.html.

    Example: python -m book read
    """
    from book.serve import server

    if not site.INDEX.is_file():
        fail("There is no built book yet. Build it: make site")
    with server(site.HTML) as http:
        typer.echo(f"http://127.0.0.1:{http.server_port}/      Ctrl+C ends it")
        try:
            http.serve_forever()
        except KeyboardInterrupt:
            typer.echo()


def page_count(*, again: bool = False) -> None:
    """Build the site as one phase on the terminal; ends the command when it cannot be built."""
    try:
        with progress.phase("Building") as line:
            built = site.build(line.share, again=again)
            line.done(f"{built.pages} pages" if built.fresh else f"{built.pages} pages, nothing has changed")
    except site.BuildError as error:
        fail(f"{error}\nThe book was not built. Mend what is named above, then: make site")
