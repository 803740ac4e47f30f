"""Two sites behind one front-end: where each is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from labs.errors import OptionError
from labs.servers.address import Unix
from labs.servers.flup import Flup
from labs.servers.place import Place, files_of, static_of
from labs.site import Site

By = Literal["host", "path"]
NAMES = ("news", "shop")
USUAL = {"host": ("news.test", "shop.test"), "path": ("/news", "/shop")}


@dataclass(frozen=True)
class Addresses:
    """Where two sites are found.

    by  "host" or "path"
    at  two host names, or two paths; the usual ones when empty

    Raises OptionError for anything else.
    """

    by: By = "host"
    at: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.by not in USUAL:
            raise OptionError(f"by may be 'host' or 'path', not {self.by!r}.")
        usual = USUAL[self.by]
        if isinstance(self.at, str) or len(self.at) not in (0, 2) or len(set(self.at)) != len(self.at):
            raise OptionError(f"at={self.at!r}: two {self.by}s that differ, such as {list(usual)}.")
        if self.by == "path" and not all(path.startswith("/") for path in self.at):
            raise OptionError(f"at={list(self.at)}: each of the two needs a path of its own, such as {list(usual)}.")

    @property
    def paths(self) -> tuple[str, ...]:
        """Below which each lies; empty by host."""
        return tuple(self.at or USUAL["path"]) if self.by == "path" else ("", "")

    @property
    def hosts(self) -> tuple[tuple[str, ...], ...]:
        """The names of each; none by path. The first is also meant by the bare address, so that a browser finds it here."""
        if self.by == "path":
            return (), ()
        first, second = self.at or USUAL["host"]
        return (first, "127.0.0.1"), (second,)


def backends(
    sites: Sequence[Site], addresses: Addresses, *, workers: int, files: bool
) -> tuple[list[Flup], list[Place]]:
    """A flup and a place for each site. files: the front-end serves theirs."""
    flups, places = [], []
    for place in embedded(sites, addresses, files=files):
        assert place.site is not None
        flups.append(Flup(name=place.name, site=place.site, listen=Unix(f"{place.name}.sock"), workers=workers))
        places.append(replace(place, upstreams=(flups[-1].listen,)))
    return flups, places


def embedded(sites: Sequence[Site], addresses: Addresses, *, files: bool) -> list[Place]:
    """A place for each site, without a back-end: the front-end runs them itself. files: it serves theirs."""
    return [
        Place(
            name=name,
            site=site,
            hosts=hosts,
            path=path,
            files=files_of(site, path) if files else {},
            static=static_of(site, path) if files else (),
        )
        for name, site, hosts, path in zip(NAMES, sites, addresses.hosts, addresses.paths, strict=True)
    ]
