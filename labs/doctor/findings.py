"""What this machine has for the labs, which deployments and claims that enables, and what limits measuring."""

from __future__ import annotations

from typing import Any

from labs.deployments.catalogue import ARRANGEMENTS, arrangement
from labs.deployments.services import DATABASES
from labs.doctor.claims import measured_with
from labs.doctor.limits import Fact, machine
from labs.errors import Missing
from labs.own.find import interpreter
from labs.own.shield import here
from labs.servers.base import Server
from labs.servers.kinds import programs
from labs.servers.memcached import Memcached
from labs.servers.program import Found, Program
from labs.servers.python import module_version
from labs.supervisor import ladder

# What every deployment takes beside its own options, as a command line says it -> what it starts
BESIDE: dict[str, type[Server]] = {
    "--cache memcached": Memcached,
    **{f"--set database={name}": kind for name, kind in DATABASES.items()},
}


def examine() -> dict[str, Any]:
    """Servers found or not, what they enable, and facts of the machine that a measurement depends on."""
    servers = [(_package if program.package else _program)(title, program) for title, program in programs().items()]
    return {"servers": servers, "machine": [*machine(), guard()]}


def guard() -> Fact:
    """What keeps a project of the reader's as it is while it is served here."""
    which, why = here()
    weaker = "It sees what Python writes, not what compiled libraries do, and lets a project start no other program."
    value = f"{which}: {why}" if why else which
    return {"name": "guard", "value": value, "matters": weaker if why else ""}


def machines() -> Fact:
    """Which rung of the ladder the machines of a deployment reach here, found by trying, which takes seconds."""
    asked = ("network", "bandwidth", "netem", "wire", "cpu", "memory")
    lacks = {what: why for what in asked if (why := ladder.why_not(what))}
    if not {"netem", "wire"} <= set(lacks):  # either of them delays
        lacks.pop("netem", None)
        lacks.pop("wire", None)
    rung = 1 if "network" in lacks else 2 if {"cpu", "memory"} & set(lacks) else 4
    value = {1: "addresses on loopback", 2: "network namespaces", 4: "network namespaces and control groups"}[rung]
    why = "; ".join(f"{what}: {reason}" for what, reason in lacks.items())
    return {"name": "machines", "value": f"rung {rung}, {value}", "matters": f"Not here: {why}." if why else ""}


def _entry(title: str, program: Program, found: Found | None, brings: str) -> dict[str, Any]:
    return {
        "name": title,
        "version": found.version if found else "",
        "source": found.source if found else "",
        "path": str(found.path) if found else "",
        "brings": brings,
        "packages": program.packages(),
        "deployments": [kind.name for kind in ARRANGEMENTS.values() if title in kind.needs],
        "claims": measured_with(title, package=bool(program.package)),
    }


def _program(title: str, program: Program) -> dict[str, Any]:
    try:
        return _entry(title, program, program.look(), program.brings())
    except Missing as missing:  # the reader names one that is not there
        return _entry(title, program, None, missing.brings)


def _package(title: str, program: Program) -> dict[str, Any]:
    brings = f"pip install {program.pip}"
    try:
        found = module_version(interpreter(None), program.package, program)
    except Missing:
        return _entry(title, program, None, brings)
    return _entry(title, program, found, brings)


def readiness() -> list[dict[str, Any]]:
    """Each arrangement with what it needs, and "ready" or what is missing."""
    servers = {entry["name"]: entry for entry in examine()["servers"]}
    entries = []
    for kind in ARRANGEMENTS.values():
        needs = list(kind.needs)
        entries.append(
            {
                "name": kind.name,
                "interface": kind.interface,
                "front": kind.front,
                "needs": needs,
                "here": _here(servers, needs),
                "summary": kind.summary,
                "options": [name for name in kind.options if name != "media"],
            }
        )
    return entries


def _here(servers: dict[str, dict[str, Any]], needs: list[str]) -> str:
    """Whether all of these are on this machine: "ready", or the first that is missing and what would bring it."""
    missing = [servers[name] for name in needs if not servers[name]["path"]]
    return f"missing {missing[0]['name']}: {missing[0]['brings']}" if missing else "ready"


def beside() -> dict[str, str]:
    """What every deployment takes beside its own options -> "ready", or what is missing."""
    servers = {entry["name"]: entry for entry in examine()["servers"]}
    return {option: _here(servers, list(kind.needs())) for option, kind in BESIDE.items()}


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
