"""What the commands share: a path as it is typed, and an end with a message."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import typer

from book.contents import TOP

CALLED_FROM = Path.cwd()  # before `main` goes to the checkout


def told(path: Path) -> str:
    """A path of the checkout as the reader can type it."""
    return str(path.relative_to(TOP))


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with a message."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
