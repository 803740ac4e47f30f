"""A named arrangement of servers, and the register of all that there are. `deployments` fills it."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

from labs.errors import OptionError
from labs.servers.base import FrontEnd, Server
from labs.servers.program import Program
from labs.site import Site


@dataclass(frozen=True)
class Arrangement:
    """A named deployment. build takes the site and options and gives the servers, back-ends first."""

    name: str
    build: Callable[..., list[Server]]

    @cached_property
    def servers(self) -> tuple[Server, ...]:
        """The servers that it has by default, around no site in particular: what is asked of them is the same for all."""
        nowhere = Site(folder=Path(), settings="", wsgi="")
        return tuple(self.build(*[nowhere] * self.sites))

    @property
    def interface(self) -> str:
        """By which Django is called, such as "FastCGI"."""
        return next(each.interface for each in self.servers if each.interface)

    @property
    def front(self) -> str:
        """The title of the web server in front; empty where there is none."""
        return self.servers[-1].title if isinstance(self.servers[-1], FrontEnd) else ""

    @property
    def needs(self) -> dict[str, Program]:
        """What must be on a machine that runs it: title -> program."""
        return {title: program for server in self.servers for title, program in server.needs().items()}

    @property
    def options(self) -> dict[str, object]:
        """Options of its own: name -> default."""
        parameters = inspect.signature(self.build).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    def check(self, options: Mapping[str, object]) -> None:
        """Raises OptionError for an option that it does not have, and for one of another kind than its default."""
        hints = get_type_hints(self.build)
        for name, value in options.items():
            if name not in self.options or name == "media":
                raise OptionError(
                    f"{self.name} takes no {name or 'option without a name'}. "
                    f"It takes: {', '.join(each for each in self.options if each != 'media')}."
                )
            if value == self.options[name]:
                continue
            if wanted := _wanted(name, self.options[name], value):
                raise OptionError(f"{name}={value}: {wanted}.")
            if (known := _words(hints.get(name))) and value not in known:
                *first, last = map(repr, known)
                raise OptionError(f"{name} may be {', '.join(first)} or {last}, not {value!r}.")

    @property
    def sites(self) -> int:
        """How many sites it serves: the parameters that are no options."""
        return len(inspect.signature(self.build).parameters) - len(self.options)

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.build) or "").partition("\n")[0]


COUNTS = ("workers", "threads", "connections", "backends", "fronts", "max_requests")  # whole numbers; the last may be 0


def _wanted(name: str, default: object, value: object) -> str:
    """What a value must be, in words; empty where it is that."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if name in COUNTS:
        least = 0 if name == "max_requests" else 1
        return "" if number and isinstance(value, int) and value >= least else f"a whole number from {least} on"
    if name == "keepalive":
        return "" if number and value >= 0 else "seconds, from 0 on"  # type: ignore[operator]  # a number
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "true or false"
    return ""  # the others say themselves what they take


def _words(hint: object) -> list[object]:
    """What an option may be that takes some words alone, by its type; nothing for all others."""
    parts = [hint] if get_origin(hint) is Literal else get_args(hint)  # such as "one of these, or None"
    return [word for part in parts if get_origin(part) is Literal for word in get_args(part)]


ARRANGEMENTS: dict[str, Arrangement] = {}


def deployment(name: str) -> Callable[[Callable[..., list[Server]]], Callable[..., list[Server]]]:
    """Register an arrangement under its name."""

    def register(build: Callable[..., list[Server]]) -> Callable[..., list[Server]]:
        ARRANGEMENTS[name] = Arrangement(name, build)
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
