"""What measuring asks of a deployment: the part of `labs.Deployment` that it uses, so that a test can give another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from labs.runtime.usage import Usage


class Deployed(Protocol):
    """The part of a `labs` deployment that measuring needs."""

    @property
    def url(self) -> str:
        """Where readers ask."""
        ...

    @property
    def urls(self) -> Sequence[str]:
        """The same at each of its addresses, which readers take in turn; the first is `url`."""
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


@runtime_checkable
class Roles(Protocol):
    """A deployment that tells what each of its servers uses, from the same look that gives the whole."""

    def cpu_usage(self) -> Usage:
        """User and system seconds, dead children included."""
        ...

    def memory_usage(self) -> Usage:
        """Bytes."""
        ...

    def machine_names(self) -> Mapping[str, str]:
        """Label of a server -> name of its machine; empty where all run on this one."""
        ...

    def carried(self) -> Mapping[str, float]:
        """CPU seconds of what carries the machines, which is no part of the rest."""
        ...
