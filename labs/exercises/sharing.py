"""Memory of workers: how many of them a machine has room for."""

from __future__ import annotations

from collections.abc import Iterator

from labs import deploy
from labs.errors import OptionError
from labs.exercises.exercise import Step, exercise
from labs.exercises.modpython import at_once

ROOM = 256_000_000  # bytes of PSS
MOST = 16


@exercise("fit-in", obeyed=False)
def fit_in(workers: int) -> Iterator[Step]:
    """Say how many workers of gunicorn, each a process with a site of its own, fit into 256 MB."""
    if not 1 <= workers <= MOST:
        raise OptionError(f"workers={workers!r}: a whole number from 1 to {MOST}.")
    statuses, used = _loaded(workers)
    yield Step(f"each of {workers} workers makes a page", statuses == [200] * workers)
    yield Step(
        "together they stay below 256 MB",
        used < ROOM,
        seen=f"{used / 1e6:.0f} MB",
        hint="What one worker and four of them need gives the price of three; the master comes on top.",
    )
    _, more = _loaded(workers + 1)
    yield Step(
        "there is no room for one more",
        more >= ROOM,
        seen=f"{more / 1e6:.0f} MB with {workers + 1}",
        hint="Divide what is left by the price of a worker.",
    )


def _loaded(workers: int) -> tuple[list[int], int]:
    """What the workers answered when all were asked at once, and the PSS of all processes in bytes."""
    with deploy("gunicorn", workers=workers) as site:
        return at_once(site, workers), site.pss()
