"""A check of behaviour: a question to a server, and what a right answer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, NamedTuple

from labs.conformance.target import Target

Needs = Literal["any", "newsroom", "media"]
TOPICS = (
    "status",
    "headers",
    "paths",
    "bodies",
    "streaming",
    "media",
    "static",
    "connections",
    "limits",
    "methods",
    "prefix",
    "forwarded",
    "errors",
    "identity",
)


class Seen(NamedTuple):
    """What a check saw, and whether it is as it must be."""

    ok: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check.

    id     its topic and its name, such as status-304
    title  what must be so, in plain words
    why    what goes wrong for somebody where it is not so
    needs  "any" site, the "newsroom" and its pages, or a site that has a "media" file
    look   asks the target; raises OSError or WireError when there is no answer
    """

    id: str
    title: str
    why: str
    needs: Needs
    look: Callable[[Target], Seen]

    @property
    def topic(self) -> str:
        return self.look.__module__.rpartition(".")[2]


_CHECKS: dict[str, Check] = {}


def check(id_: str, title: str, *, why: str, needs: Needs = "newsroom") -> Callable[[Callable[[Target], Seen]], Check]:
    """Register a function as a check."""

    def register(look: Callable[[Target], Seen]) -> Check:
        assert id_ not in _CHECKS, id_
        _CHECKS[id_] = Check(id=id_, title=title, why=why, needs=needs, look=look)
        return _CHECKS[id_]

    return register


def checks() -> dict[str, Check]:
    """Every check by its id, topic by topic."""
    for topic in TOPICS:
        import_module(f"labs.conformance.{topic}")
    return _CHECKS
