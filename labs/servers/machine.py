"""A machine that a server runs on: a name, and what it may have at most."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from labs.errors import OptionError

NAME = re.compile(r"[a-z][a-z0-9-]{0,15}")
LIMITS = ("cpu", "memory", "bandwidth", "delay")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One machine of a deployment. A server without one runs on this one, where its readers are too.

    cpu        processors, such as 0.5; 0 for no limit
    memory     bytes, without swap
    bandwidth  bits per second of its cable, for what it sends and for what it gets
    delay      seconds that its cable takes, each way
    """

    name: str
    cpu: float = 0
    memory: int = 0
    bandwidth: float = 0
    delay: float = 0

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise OptionError(
                f"A machine is called such as web-1, not {self.name!r}: small letters and digits, 16 at most."
            )
        if wrong := [name for name, value in asdict(self).items() if name in LIMITS and value < 0]:
            raise OptionError(f"{self.name}: {wrong[0]} cannot be less than nothing.")

    @property
    def limits(self) -> Mapping[str, float]:
        """Those that it has."""
        return {name: getattr(self, name) for name in LIMITS if getattr(self, name)}


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A machine as this host could give it.

    machine  what was asked; None for this one, where readers are
    address  where its servers listen
    rung     of the ladder: 1 an address on loopback, 2 a network namespace, 4 that and a control group
    by       limit -> what holds it, as "tbf" or "cgroup v1"
    """

    machine: Machine | None
    address: str
    rung: int
    by: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.machine.name if self.machine else ""

    def to_json(self) -> dict[str, object]:
        """As a record keeps it: what was asked, and what was got by which means."""
        asked = dict(self.machine.limits) if self.machine else {}
        return {"name": self.name or "this one", "rung": self.rung, "asked": asked, "by": dict(self.by)}
