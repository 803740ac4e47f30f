"""What measuring asks of a deployment: the part of `labs.Deployment` that it uses, so that a test can give another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol


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


Deploy = Callable[..., Deployed]  # as `labs.deploy`
