"""What several short runs of one call share: generators that are loaded, and what they reach at a server that does nothing.

Loading Locust takes a second, and gauging it four: in a run of six seconds both would be most of it. A run that uses what was
gauged for another says so in its record. Longer runs share nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from benchmarks.load.process import Generator
from benchmarks.run import headroom

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.plan.workload import Workload
    from benchmarks.run.headroom import Headroom


GAUGE = 0.15  # seconds of each of the nine windows


class Session:
    """Use as a context manager; leaving it ends the generators.

    workers  as many processes of this machine share the work of each; 0 for one process
    """

    def __init__(self, workers: int = 0) -> None:
        self.workers = workers
        self._stack = ExitStack()
        self._generators: list[Generator] = []
        self._gauged: dict[object, tuple[str, Headroom]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def generators(self, count: int) -> list[Generator]:
        """So many, of which those that ran before run still."""
        for each in self._generators[:count]:
            each.start()  # where an earlier run aborted it, a new one; else it does nothing
        while len(self._generators) < count:
            self._generators.append(self._stack.enter_context(Generator(workers=self.workers or None)))
        return self._generators[:count]

    def gauge(
        self, claim: str, workload: Workload, servers: Iterable[int] | None, own: Iterable[int] | None, body: int
    ) -> tuple[str, Headroom]:
        """What the first generator reaches, on these processors and with such connections; and for which claim it was gauged."""
        key = (
            tuple(sorted(servers or ())),
            tuple(sorted(own or ())),
            headroom.keeps(workload),
            body,
        )
        if key not in self._gauged:
            found = headroom.gauge(self.generators(1)[0], workload, servers=servers, own=own, body=body, seconds=GAUGE)
            self._gauged[key] = claim, found
        return self._gauged[key]
