"""A lesson measures when nobody else does; while it waits, its cell says for whom."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from benchmarks.host.lock import HostLock
from benchmarks.notebook.display import Display
from benchmarks.run.runs import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.run.progress import Progress

PATIENCE = 120.0  # seconds that a lesson waits for another measurement on this machine


@contextmanager
def turn(what: str) -> Iterator[None]:
    """Nobody else measures for as long as the block lasts. Raises BusyError when another does not end in time."""
    shown = Display(first=None)
    tell = Waiting(say=shown.step)
    with ExitStack() as held:
        try:
            held.enter_context(
                HostLock(what, patience=PATIENCE, on_wait=lambda seen: tell(seen.line, seen.waited, seen.patience))
            )
        finally:
            shown.clear()
        yield


def teller() -> Callable[[Progress], None]:
    """The same for a run that takes the lock by itself."""
    shown = Display(first=None)
    tell = Waiting(say=shown.step)

    def on_progress(progress: Progress) -> None:
        if progress.phase == "waiting":
            tell(str(progress.detail), progress.elapsed, progress.patience)
        else:
            shown.clear()

    return on_progress
