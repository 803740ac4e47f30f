"""What workers weigh when they are young, and when they have collected their garbage for the first time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from labs.runtime.deploying import deploy

LONG = 2.0  # seconds in which every worker is asked: four pages of half a second, or many short ones
BUSY, COLLECT = "/wait/?seconds=0.5", "/collect/"


@dataclass(frozen=True, kw_only=True)
class Weight:
    """PSS of a whole deployment in bytes, after each worker's first page and after its first full garbage collection."""

    young: int
    aged: int

    def __repr__(self) -> str:
        return f"{self.young / 1e6:.0f} MB, and {self.aged / 1e6:.0f} MB after collecting"


def weigh(name: str, *, workers: int = 4, **options: object) -> Weight:
    """Start a deployment of the newsroom, ask all of its workers, weigh it, let them collect, weigh it again.

    Raises as `deploy` and `start` do.
    """
    with deploy(name, workers=workers, **options) as site:  # type: ignore[arg-type]  # deploy checks them
        weights = []
        for page in (BUSY, COLLECT):
            with site.readers(workers, page):
                time.sleep(LONG)
            weights.append(site.pss())
    return Weight(young=weights[0], aged=weights[1])
