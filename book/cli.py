"""The commands of `python -m book`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from benchmarks import words
from book import progress, site
from book.contents import TOP, notebooks
from labs import errors

if TYPE_CHECKING:
    from book.workbooks import Written

MOST_NOTEBOOKS = 4  # tested at a time: each is a kernel of 150 MB and some servers, and waits for half of its time

CALLED_FROM = Path.cwd()  # before `main` goes to the checkout

PATIENCE = 600  # seconds that a claim waits for another measurement on this machine; it says so

app = typer.Typer(
    name="python -m book",
    help="Build the book, read it, and keep its notebooks true.\n\nExample: python -m book site && python -m book read",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


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


LAB = {"allow_extra_args": True, "ignore_unknown_options": True}  # the rest is for JupyterLab


@app.command("lab", context_settings=LAB)
def open_workbooks(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(help="Another folder; without it, workbooks/.", file_okay=False)
    ] = None,
) -> None:
    """Open the workbooks in JupyterLab, until Ctrl+C; those that are not there yet are written first.

    A workbook is your own copy of a chapter. It is never overwritten: what a newer edition of the book brings is put beside
    what you have, and said. All other options go to JupyterLab, such as --no-browser or --port=9000. JupyterLab keeps its
    files in .cache/jupyter, listens on this machine alone, and ends, with its kernels and the servers that they started, when
    the shell that started it ends; nohup in front lets it stay.

    Example: python -m book lab --port=9000
    """
    from book import lab

    with suppress(KeyboardInterrupt):
        lab.prepare("workbooks")
        place = CALLED_FROM / folder if folder else TOP / "workbooks"
        lab.serve(place, first=first_of(place), more=context.args, say=typer.echo)


@app.command("edit", context_settings=LAB)
def open_sources(context: typer.Context) -> None:
    """Open the sources of the book in JupyterLab, until Ctrl+C, for who writes them; readers work in `lab`.

    What is run and saved here changes tracked files. What the site makes of its own directives does not show here.
    All options go to JupyterLab.

    Example: python -m book edit --port=9000
    """
    from book import lab

    with suppress(KeyboardInterrupt):
        lab.prepare("sources")
        lab.serve(TOP / "book", first=None, more=context.args, say=typer.echo)


@app.command("refresh")
def refresh_notebooks(
    pages: Annotated[
        list[str] | None, typer.Argument(help="Parts of notebook names, such as keep-alive. None: all.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--every", help="Store each new output, also where it differs in numbers only.")
    ] = False,
) -> None:
    """Run the notebooks and store their outputs; the one command that changes tracked files.

    Runs are short (BOOK_PROFILE=smoke). An output that differs from the stored one only in numbers, colours or
    generated names keeps its stored form, so that a change in a file is a change in what it says. A notebook that raises
    stays as it was.

    Example: python -m book refresh keep-alive
    """
    from book.refresh import RefreshError, refresh

    failed = []
    for path in chosen(pages or []):
        try:
            with progress.phase(path.stem) as line:
                line.done("changed" if refresh(path, every=every) else "unchanged")
        except RefreshError as error:
            failed.append(path)
            typer.echo(f"{error}\n", err=True)
    write_words()
    if failed:
        fail(f"{len(failed)} of the notebooks did not run to the end; they were left as they were.")


@app.command("words")
def write_words() -> None:
    """Write into all pages what the records say of their claims and numbers, for those who see the sources alone.

    The lines of a claim's fence, and what stands before the brackets of a value. Part of `refresh`; runs no notebook.

    Example: python -m book words
    """
    from book.derived import DerivedError, pages, refresh

    try:
        changed = [told(path) for path in pages() if refresh(path)]
    except DerivedError as error:
        fail(str(error))
    typer.echo("\n".join([*changed, f"The words of {words.counted(len(changed), 'page')} changed."]))


@app.command("test")
def check_notebooks(
    pages: Annotated[
        list[str] | None, typer.Argument(help="Parts of notebook names, such as keep-alive. None: all.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="So many notebooks at a time; without it four.", min=1)] = None,
) -> None:
    """Run the notebooks and compare the verdicts with what is stored. Changes no file.

    Every cell must run; cells tagged nbval-check-output must say the same as before. Several notebooks run at a time,
    but nothing beside a cell that measures.

    Example: python -m book test keep-alive
    """
    from book.refresh import CELL_SECONDS, environment
    from book.turns import FOLDER

    paths = chosen(pages or [])
    jobs = min(jobs or MOST_NOTEBOOKS, len(paths))
    options = [
        "--nbval-lax",
        f"--nbval-cell-timeout={CELL_SECONDS}",
        f"--nbval-sanitize-with={TOP / 'book' / 'nbval.cfg'}",
        f"--timeout={2 * CELL_SECONDS}",
        *("-p", "no:cacheprovider", "-p", "book.turns"),
        "--quiet",
        *(["-n", str(jobs), "--dist", "loadscope"] if jobs > 1 else []),
    ]
    with environment() as env:
        command = [sys.executable, "-m", "pytest", *options, *map(str, paths)]
        raise typer.Exit(
            subprocess.run(command, cwd=TOP, env=env | {FOLDER: env["IPYTHONDIR"]}, check=False).returncode
        )


@app.command("workbooks")
def write_workbooks(
    afresh: Annotated[
        str,
        typer.Option(metavar="CHAPTER", help="Write this chapter anew, by number, title or name; the old one is kept."),
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Another folder; without it, workbooks/.", file_okay=False)
    ] = None,
    withhold: Annotated[
        bool | None,
        typer.Option(
            "--withhold/--answers",
            help="Without solutions and answers to predictions, or with them; else as those did that are there.",
        ),
    ] = None,
) -> None:
    """Write the reader's own copies of the chapters, notebooks for any Jupyter, into workbooks/.

    Copies that are there already get what is new in the book. What you have changed in them stays, and a copy of each is
    kept in workbooks/.kept/ before anything is written over it. The chapters themselves are not touched.

    Example: python -m book workbooks --afresh keep-alive
    """
    from book import workbooks

    done = bring_up(CALLED_FROM / folder if folder else workbooks.FOLDER, withhold=withhold, afresh=afresh or None)
    typer.echo(f"They are in {done.folder}. Open them: make lab")


def bring_up(folder: Path, *, withhold: bool | None = None, afresh: str | None = None) -> Written:
    """Write the workbooks of a folder, and say what is new; ends the command where that cannot be done."""
    from book import workbooks
    from book.workbooks.parse import SourceError

    said: list[str] = []
    try:
        with progress.phase("Writing workbooks") as line:
            done = workbooks.write(folder, withhold=withhold, afresh=afresh, say=said.append, moved=line.share)
            line.done(words.counted(done.count, "chapter"))
    except (errors.LabError, SourceError) as error:
        fail(str(error))
    typer.echo("\n".join([*said, done.sentence]))
    return done


def first_of(folder: Path) -> str:
    """Have the workbooks of this edition in a folder; the name of the first."""
    from book import written

    if first := written.first(folder):
        typer.echo("Workbooks: nothing new.")
        return first
    done = bring_up(folder)
    written.remember(folder, done.first.name)
    return done.first.name


def chosen(parts: list[str]) -> list[Path]:
    """The notebooks whose name holds one of `parts`, all of them without parts; ends the command when there are none."""
    known = notebooks()
    found = [path for path in known if not parts or any(part in told(path) for part in parts)]
    if not found:
        names = ", ".join(path.stem for path in known) or "none yet"
        fail(f"No notebook of the contents is called {' or '.join(parts) or 'anything'}. There are: {names}", 2)
    return found


def page_count(*, again: bool = False) -> None:
    """Build the site as one phase on the terminal; ends the command when it cannot be built."""
    try:
        with progress.phase("Building") as line:
            built = site.build(line.share, again=again)
            line.done(f"{built.pages} pages" if built.fresh else f"{built.pages} pages, nothing has changed")
    except site.BuildError as error:
        fail(f"{error}\nThe book was not built. Mend what is named above, then: make site")


def told(path: Path) -> str:
    """A path of the checkout as the reader can type it."""
    return str(path.relative_to(TOP))


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with a message."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def main() -> int:
    """Run a command from the checkout, wherever it is called from, and return its exit status."""
    os.chdir(TOP)
    try:
        status = app(prog_name="python -m book", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except OSError as error:
        typer.echo(str(errors.start_error("python -m book cannot go on", error)), err=True)
        return 1
    except Exception as error:
        # Typer's own complaints about usage have no public class; they know how to show themselves.
        if not hasattr(error, "exit_code") or not hasattr(error, "show"):
            raise
        error.show()
        return int(error.exit_code)
    if status == 130:
        typer.echo("Stopped. The book that was built before is still there.", err=True)
    return int(status or 0)
