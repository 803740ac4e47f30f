"""What the commands of `python -m labs` have in common."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

import typer

EPILOG = "Try: python -m labs up fastcgi-lighttpd"
app = typer.Typer(
    help="Launch the servers of the book around a Django project, on loopback, in a folder that goes with them.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def fail(error: Exception, status: int = 1) -> NoReturn:
    """Say what went wrong, on standard error, and end with this status."""
    print(error, file=sys.stderr)
    raise typer.Exit(status)


def option(text: str) -> tuple[str, Any]:
    """`workers=10` -> ("workers", 10): JSON where it reads as such, else text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not NAME=VALUE, such as workers=10")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def extra(options: list[str] | None) -> dict[str, Any]:
    """What --set says, as a deployment takes it."""
    found = dict(map(option, options or []))
    if taken := [name for name in found if name in ("site", "other", "cache", "media", "keep", "name", "cpus")]:
        own = "" if taken[0] in ("name", "cpus") else f"; there is --{taken[0]}"
        raise typer.BadParameter(f"--set {taken[0]}: no option of a deployment's{own}")
    return found
