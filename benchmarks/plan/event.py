"""What happens to the servers of an arm while it is under load, written down before anything runs.

events=(Event("kill", of="gunicorn", at=2), Event("start", of="gunicorn", at=4))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labs.errors import LabError

if TYPE_CHECKING:
    from labs.runtime.deployment import Deployment

THIRD = 1 / 3  # share of the window after which an event comes that says no time

Do = Callable[["Deployment"], object]


class EventError(LabError, ValueError):
    """An event that cannot happen as it is written."""


@dataclass(frozen=True)
class Event:
    """One thing that happens.

    what   a word of DEEDS, or "edit", or a function of the deployment. What it raises makes the block void
    of     the label of the server that it is done to; None for a function
    at     seconds from the beginning of the window; or
    share  of the window, from 0 to 1. Without either it is a third
    edit   for "edit": name of a configuration file, what stands in it, and what is to stand there instead

    Events happen one after the other, in the order of their times: one that takes longer than until the next delays it.
    Requests that fail of one belong to the subject, and are allowed in the experiment's `expectation`.
    """

    what: str | Do
    of: str | None = None
    at: float | None = None
    share: float | None = None
    edit: tuple[str, str, str] | None = None

    def __post_init__(self) -> None:
        if self.at is not None and self.share is not None:
            raise EventError(f"{self.name}: at={self.at} and share={self.share}; give one of them")
        if self.at is not None and not self.at >= 0:
            raise EventError(f"{self.name}: at={self.at}; give seconds from the beginning of the window")
        if self.share is not None and not 0 <= self.share < 1:
            raise EventError(f"{self.name}: share={self.share}; write 0.5 for the middle of the window")
        if not isinstance(self.what, str):
            return
        if self.what not in (*DEEDS, "edit"):
            raise EventError(
                f"{self.what!r} is no event; there are {', '.join(DEEDS)}, edit, or a function of the deployment"
            )
        if (self.what == "edit") != (self.edit is not None):
            raise EventError(f"{self.what}: edit=(file, old, new) belongs to the event edit, and to no other")
        if self.what != "edit" and self.of is None:
            raise EventError(f"{self.what}: of whom? Give the label of a server in `of`")

    @property
    def name(self) -> str:
        """The word, or the function's name."""
        return self.what if isinstance(self.what, str) else getattr(self.what, "__name__", type(self.what).__name__)

    def due(self, window: float) -> float:
        """Seconds from the beginning of a window of this length."""
        if self.at is not None:
            return self.at
        return (THIRD if self.share is None else self.share) * window

    def do(self, deployment: Deployment) -> None:
        """Let it happen; comes back when it has. Raises what goes wrong."""
        if not isinstance(self.what, str):
            self.what(deployment)
        elif self.edit is not None:
            deployment.edit(*self.edit)
        else:
            assert self.of is not None
            DEEDS[self.what](deployment, self.of)

    def to_json(self) -> dict[str, Any]:
        """As the record keeps it; what is not said stays out."""
        said = {
            "what": self.name,
            "of": self.of,
            "at": self.at,
            "share": self.share,
            "edit": self.edit and list(self.edit),
        }
        return {name: value for name, value in said.items() if value is not None}


def timed(events: tuple[Event, ...], window: float) -> list[tuple[float, Event]]:
    """The events with their times in a window of this length, in the order in which they happen."""
    return sorted(((event.due(window), event) for event in events), key=lambda each: each[0])


def _reload(site: Deployment, label: str) -> None:
    from labs.faults import reloads  # only here: a plan that reloads nothing needs no servers

    reloads.reload(site, label)


def _drain(site: Deployment, label: str) -> None:
    from labs.faults import reloads

    reloads.drain(site, label)


def _undrain(site: Deployment, label: str) -> None:
    from labs.faults import reloads

    reloads.undrain(site, label)


DEEDS: Mapping[str, Callable[[Deployment, str], object]] = {
    "kill": lambda site, label: site.running(label).kill(),
    "freeze": lambda site, label: site.running(label).freeze(),
    "thaw": lambda site, label: site.running(label).thaw(),
    "unplug": lambda site, label: site.running(label).unplug(),
    "plug": lambda site, label: site.running(label).plug(),
    "stop": lambda site, label: site.stop_server(label),
    "start": lambda site, label: site.start_server(label),
    "restart": lambda site, label: site.restart(label),
    "reload": _reload,
    "drain": _drain,
    "undrain": _undrain,
}
