"""A named arrangement of servers, and the register of all that there are. `deployments` fills it."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.errors import OptionError

if TYPE_CHECKING:
    from labs.servers.base import Server


@dataclass(frozen=True)
class Arrangement:
    """A named deployment. build takes the site and options and gives the servers, back-ends first."""

    name: str
    interface: str
    front: str
    build: Callable[..., list[Server]]

    @property
    def options(self) -> dict[str, object]:
        """Options of its own: name -> default."""
        parameters = inspect.signature(self.build).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    @property
    def sites(self) -> int:
        """How many sites it serves: the parameters that are no options."""
        return len(inspect.signature(self.build).parameters) - len(self.options)

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.build) or "").partition("\n")[0]


ARRANGEMENTS: dict[str, Arrangement] = {}


def deployment(
    name: str, *, interface: str, front: str = ""
) -> Callable[[Callable[..., list[Server]]], Callable[..., list[Server]]]:
    """Register an arrangement under its name."""

    def register(build: Callable[..., list[Server]]) -> Callable[..., list[Server]]:
        ARRANGEMENTS[name] = Arrangement(name, interface, front, build)
        return build

    return register


def arrangement(name: str) -> Arrangement:
    """Raises OptionError with the nearest names."""
    if name not in ARRANGEMENTS:
        near = difflib.get_close_matches(name, ARRANGEMENTS, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise OptionError(f"There is no deployment {name}.{hint} There are: {', '.join(ARRANGEMENTS)}.")
    return ARRANGEMENTS[name]


def names() -> list[str]:
    """Every deployment of the book."""
    return list(ARRANGEMENTS)
