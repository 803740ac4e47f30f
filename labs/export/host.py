"""The host that a deployment is taken to: what must lie there, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labs.own.isolation import own_settings
from labs.paths import SERVERS
from labs.runtime.deployment import Deployment
from labs.servers.base import Server
from labs.servers.flup import Flup
from labs.servers.gunicorn import Gunicorn
from labs.servers.python import interpreter_version
from labs.site import Site

SYSTEM = (
    Path("/usr"),
    Path("/usr/local"),
    Path("/"),
)  # an interpreter there is the system's, and each host has its own


@dataclass(frozen=True, kw_only=True)
class Part:
    """A folder that is taken along, or made anew.

    here, there  where it lies on this machine and on the host
    about        what it is
    python       whether it is a virtual environment
    """

    here: Path
    there: Path
    about: str
    python: bool = False


def named_sites(deployment: Deployment) -> list[tuple[str, Site]]:
    """Each site, and the name that the front-end's configuration has for it; one alone is called "site"."""
    named = [(each.name, each.site) for each in deployment.places if each.site is not None]
    return named if len(named) > 1 else [("site", deployment.sites[0])]


def runner(deployment: Deployment, site: Site) -> Server | None:
    """The server that runs a site with its variables for its own; None where they are in a front-end's configuration."""
    return next((each for each in deployment.servers if isinstance(each, (Flup, Gunicorn)) and each.site == site), None)


def parts(deployment: Deployment, place: Path) -> list[Part]:
    """Each project of a deployment, the files beside it, its virtual environment: of several projects in a folder each,
    named as the front-end's configuration names them."""
    named = named_sites(deployment)
    pythons = {site.python for _, site in named}
    found: dict[Path, Part] = {}
    for name, site in named:
        home = place / name if len(named) > 1 else place
        for part in _parts(site, home, home if len(pythons) > 1 else place):
            found.setdefault(part.here, part)  # two sites may share a folder
    return list(found.values())


def _parts(site: Site, home: Path, venv: Path) -> Iterator[Part]:
    package = own_settings(site).partition(".")[0]
    yield Part(here=site.folder, there=home / "project", about=f"your project, the folder with the package {package}")
    for name, path in {"media": site.media, "static": site.static}.items():
        if path is not None and not {site.folder, site.media} & {*path.parents}:  # what lies within comes along
            yield Part(here=path, there=home / name, about=f"the {name} files of {package}")
    environment = site.python.parent.parent
    if environment not in SYSTEM:
        yield Part(
            here=environment,
            there=venv / "venv",
            about=f"its virtual environment, made there with Python {interpreter_version(site.python)} and all that {package} imports",
            python=True,
        )


def programs(deployment: Deployment) -> list[Server]:
    """The servers that are programs of the system, not packages of a project's Python."""
    pythons = {site.python for site in deployment.sites}
    return [server for server in deployment.servers if server.find().path not in pythons]


def moves(deployment: Deployment, place: Path) -> list[tuple[str, str]]:
    """Texts of this machine and what stands for them on the host, in the order in which they must be replaced."""
    # Programs that lie where no other host has them: named by the reader, or brought by pip
    odd = [
        (str(server.find().path), f"/usr/sbin/{server.program.name}")
        for server in programs(deployment)
        if not str(server.find().path).startswith((f"{SERVERS}/", "/usr/", "/bin/", "/sbin/"))
    ]
    # Of an environment what lies in bin/ and lib/ is named; a project may have its environment within its own folder.
    known = []
    for part in parts(deployment, place):
        inner = ("/bin/", "/lib/") if part.python else ("",)
        known += [(f"{part.here}{each}", f"{part.there}{each}") for each in inner]
    return [(f"{SERVERS}/", "/"), *odd, *sorted(known, key=lambda move: -len(move[0]))]
