"""`python -m book`: its commands in one program, and how it ends."""

from __future__ import annotations

import os

import typer

from book.commands import building, keeping, working
from book.contents import TOP
from labs import errors

app = typer.Typer(
    name="python -m book",
    help="Build the book, read it, and keep its notebooks true.\n\nExample: python -m book site && python -m book read",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (building, working, keeping):
    app.add_typer(part.app)


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
