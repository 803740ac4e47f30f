"""Commands for who works in JupyterLab: workbooks, lab, edit."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks import words
from book import progress
from book.commands.terminal import CALLED_FROM, fail
from book.contents import TOP
from labs import errors

if TYPE_CHECKING:
    from book.workbooks import Written

app = typer.Typer()
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
