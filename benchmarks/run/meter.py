"""What a deployment uses: CPU seconds between two moments, and memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Deployed(Protocol):
    """The part of a `labs` deployment that measuring needs."""

    @property
    def url(self) -> str:
        """Where readers ask."""
        ...

    def start(self) -> Any:
        """Start every server, and wait until they answer."""
        ...

    def stop(self) -> None:
        """End everything; safe to call twice."""
        ...

    def cpu_seconds(self) -> float:
        """User and system seconds of the tree, dead children included."""
        ...

    def pss(self) -> int:
        """Bytes over the tree."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """Name, options, servers with versions."""
        ...

    def configurations(self) -> Mapping[str, str]:
        """File name to text with placeholders."""
        ...

    def alerts(self) -> list[str]:
        """Lines of the logs that mean trouble."""
        ...


class Meter:
    """Reads a process tree at the two ends of a window. A deployment has what it needs; so have two functions.

    cpu_seconds  user and system seconds used within the window, children that died included
    seconds      time between the two readings of the CPU: the window, and the moment it takes to look
    pss_bytes    proportional set size as the window ended, under load still
    """

    def __init__(self, cpu: Callable[[], float], pss: Callable[[], int]) -> None:
        self._cpu, self._pss = cpu, pss
        self.cpu_seconds, self.seconds, self.pss_bytes = 0.0, 0.0, 0

    @classmethod
    def of(cls, deployment: Deployed) -> Meter:
        """For a deployment."""
        return cls(deployment.cpu_seconds, deployment.pss)

    def begin(self, _at: float = 0.0) -> None:
        """The window begins."""
        self.cpu_seconds, self.seconds = -self._cpu(), -time.monotonic()

    def end(self, _at: float = 0.0) -> None:
        """The window ends: CPU first, since reading memory takes longer and costs CPU time itself."""
        self.cpu_seconds += self._cpu()
        self.seconds += time.monotonic()
        self.pss_bytes = self._pss()
