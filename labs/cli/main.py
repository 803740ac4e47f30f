"""`python -m labs`: see what there is, bring a deployment up, look at this machine, clear what a power cut left."""

from __future__ import annotations

import sys

# each adds its commands, in the order of the help
from labs.cli import launching, looking, tending  # noqa: F401
from labs.cli.application import app
from labs.cli.entry import finish
from labs.errors import start_error


def main() -> None:
    """Run the command line. An error of the system's that nobody else has told is told here, not traced."""
    status: object = 0
    try:
        app(prog_name="python -m labs")
    except SystemExit as end:
        status = end.code
    except OSError as error:
        print(start_error("python -m labs cannot go on", error), file=sys.stderr)
        status = 1
    except MemoryError:
        print("python -m labs cannot go on: too little memory is free.", file=sys.stderr)
        status = 1
    sys.exit(finish("python -m labs", status if isinstance(status, int) else int(bool(status))))


__all__ = ["app", "main"]
