"""What this machine has for the labs, which deployments and claims that enables, and what limits measuring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labs.deployments.catalogue import ARRANGEMENTS, arrangement
from labs.deployments.register import Arrangement
from labs.doctor.limits import Fact, machine
from labs.errors import Missing
from labs.own.find import interpreter
from labs.own.shield import here
from labs.servers.apache import Apache
from labs.servers.flup import Flup
from labs.servers.gunicorn import Gunicorn
from labs.servers.lighttpd import Lighttpd
from labs.servers.memcached import Memcached
from labs.servers.mod_python import ModPython
from labs.servers.mod_wsgi import ModWsgi
from labs.servers.nginx import Nginx
from labs.servers.program import Found, Program
from labs.servers.python import module_version

PROGRAMS: dict[str, Program] = {kind.title: kind.program for kind in (Apache, Lighttpd, Nginx, Memcached)}
PROGRAMS |= {kind.module.name: kind.module for kind in (ModPython, ModWsgi)}
PACKAGES = {"gunicorn": Gunicorn.program, "flup": Flup.program}


# claim -> the servers that it needs. The tests hold this file against the experiments and their records.
CLAIMS: dict[str, list[str]] = json.loads(Path(__file__).with_name("claims.json").read_text("utf-8"))
INTERFACES = {
    "FastCGI": "flup",
    "WSGI": "gunicorn",
    "mod_python": "mod_python",
    "mod_wsgi": "mod_wsgi",
}  # CGI needs nothing beside the front-end


def examine() -> dict[str, Any]:
    """Servers found or not, what they enable, and facts of the machine that a measurement depends on."""
    servers = [*map(_program, PROGRAMS.items()), *map(_package, PACKAGES.items())]
    return {"servers": servers, "machine": [*machine(), guard()]}


def guard() -> Fact:
    """What keeps a project of the reader's as it is while it is served here."""
    which, why = here()
    weaker = "It sees what Python writes, not what compiled libraries do, and lets a project start no other program."
    value = f"{which}: {why}" if why else which
    return {"name": "guard", "value": value, "matters": weaker if why else ""}


def _entry(title: str, program: Program, found: Found | None, brings: str) -> dict[str, Any]:
    return {
        "name": title,
        "version": found.version if found else "",
        "source": found.source if found else "",
        "path": str(found.path) if found else "",
        "brings": brings,
        "packages": program.packages(),
        "deployments": [kind.name for kind in ARRANGEMENTS.values() if title in _needs(kind)],
        "claims": [claim for claim, servers in CLAIMS.items() if title in servers],
    }


def _program(item: tuple[str, Program]) -> dict[str, Any]:
    title, program = item
    try:
        return _entry(title, program, program.look(), program.brings())
    except Missing as missing:  # the reader names one that is not there
        return _entry(title, program, None, missing.brings)


def _package(item: tuple[str, Program]) -> dict[str, Any]:
    title, program = item
    brings = f"pip install {program.pip}"
    try:
        found = module_version(interpreter(None), title, program)
    except Missing:
        return _entry(title, program, None, brings)
    return _entry(title, program, found, brings)


def _needs(kind: Arrangement) -> list[str]:
    """Titles of the servers that an arrangement cannot do without."""
    return [title for title in (INTERFACES.get(kind.interface), kind.front) if title]


def readiness() -> list[dict[str, Any]]:
    """Each arrangement with what it needs, and "ready" or what is missing."""
    servers = {entry["name"]: entry for entry in examine()["servers"]}
    entries = []
    for kind in ARRANGEMENTS.values():
        needs = _needs(kind)
        missing = [servers[name] for name in needs if not servers[name]["path"]]
        here = f"missing {missing[0]['name']}: {missing[0]['brings']}" if missing else "ready"
        entries.append(
            {
                "name": kind.name,
                "interface": kind.interface,
                "front": kind.front,
                "needs": needs,
                "here": here,
                "summary": kind.summary,
                "options": [name for name in kind.options if name != "media"],
            }
        )
    return entries


class Needs:
    """Whether some deployments can run here, said in a line or two; true when they all can."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        self.missing = [entry for entry in entries if entry["here"] != "ready"]
        self.ready = [entry["name"] for entry in entries if entry["here"] == "ready"]

    def __bool__(self) -> bool:
        return not self.missing

    def __repr__(self) -> str:
        lines = [f"Ready: {', '.join(self.ready)}."] if self.ready else []
        lines += [f"{entry['name']} cannot run here, {entry['here']}" for entry in self.missing]
        if self.missing:
            lines.append("Its cells below stop with this message; the recorded results stay.")
        return "\n".join(lines)


def needs(*names: str) -> Needs:
    """Can these deployments run on this machine? For the first cell of a chapter."""
    entries = {entry["name"]: entry for entry in readiness()}
    return Needs([entries[arrangement(name).name] for name in names])
