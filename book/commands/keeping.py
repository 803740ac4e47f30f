"""Commands that keep the notebooks true: refresh, words, test."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks import words
from book import progress
from book.commands.terminal import fail, told
from book.contents import TOP, notebooks

if TYPE_CHECKING:
    from pathlib import Path

MOST_NOTEBOOKS = 4  # tested at a time: each is a kernel of 150 MB and some servers, and waits for half of its time

app = typer.Typer()


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


def chosen(parts: list[str]) -> list[Path]:
    """The notebooks whose name holds one of `parts`, all of them without parts; ends the command when there are none."""
    known = notebooks()
    found = [path for path in known if not parts or any(part in told(path) for part in parts)]
    if not found:
        names = ", ".join(path.stem for path in known) or "none yet"
        fail(f"No notebook of the contents is called {' or '.join(parts) or 'anything'}. There are: {names}", 2)
    return found
