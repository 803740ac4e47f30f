"""`python -m labs`: see what there is, bring a deployment up, look at this machine, clear what a power cut left."""

from __future__ import annotations

import sys

# each adds its commands, in the order of the help
from labs.cli import launching, looking, tending  # noqa: F401
from labs.cli.application import app
from labs.errors import start_error


def main() -> None:
    """Run the command line. An error of the system's that nobody else has told is told here, not traced."""
    try:
        app(prog_name="python -m labs")
    except OSError as error:
        print(start_error("python -m labs cannot go on", error), file=sys.stderr)
        sys.exit(1)
    except MemoryError:
        print("python -m labs cannot go on: too little memory is free.", file=sys.stderr)
        sys.exit(1)


__all__ = ["app", "main"]
