"""Options that several commands of `python -m benchmarks` have in common."""

from __future__ import annotations

from typing import Annotated

import typer

Profile = Annotated[str, typer.Option(envvar="BOOK_PROFILE", help="smoke, lesson or reference")]
Wait = Annotated[float, typer.Option(help="seconds to stand in the queue while others measure on this machine", min=0)]
