"""What this machine has for the labs, and what in it limits measuring."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from labs.deployments import ARRANGEMENTS, arrangement
from labs.errors import Missing
from labs.program import Program
from labs.servers.apache import Apache
from labs.servers.flup import Flup
from labs.servers.gunicorn import Gunicorn
from labs.servers.lighttpd import Lighttpd
from labs.servers.memcached import Memcached
from labs.servers.nginx import Nginx
from labs.servers.python import module_version
from labs.sites import interpreter

PROGRAMS = {kind.title: kind.program for kind in (Apache, Lighttpd, Nginx, Memcached)}
PACKAGES = {"gunicorn": Gunicorn.program, "flup": Flup.program}


def examine() -> dict[str, Any]:
    """Servers found or not, and facts of the machine that a measurement depends on."""
    return {"servers": [*map(_program, PROGRAMS.items()), *map(_package, PACKAGES.items())], "machine": machine()}


def _program(item: tuple[str, Program]) -> dict[str, str]:
    title, program = item
    brings = program.brings()
    try:
        found = program.look()
    except Missing as missing:  # the reader names one that is not there
        found, brings = None, missing.brings
    return {
        "name": title,
        "version": found.version if found else "",
        "source": found.source if found else "",
        "path": str(found.path) if found else "",
        "brings": brings,
    }


def _package(item: tuple[str, Program]) -> dict[str, str]:
    title, program = item
    entry = {"name": title, "version": "", "source": "", "path": "", "brings": f"pip install {program.pip}"}
    try:
        found = module_version(interpreter(None), title, program)
    except Missing:
        return entry
    return {**entry, "version": found.version, "source": "pip", "path": str(found.path)}


def readiness() -> list[dict[str, Any]]:
    """Each arrangement with what it needs, and "ready" or what is missing."""
    servers = {entry["name"]: entry for entry in examine()["servers"]}
    interface = {"FastCGI": ["flup"], "WSGI": ["gunicorn"], "CGI": []}
    entries = []
    for kind in ARRANGEMENTS.values():
        needs = [*interface[kind.interface], *([kind.front] if kind.front else [])]
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


def machine() -> list[dict[str, str]]:
    """Facts, each with what it means for measuring where it limits it."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    facts = [
        {"name": "system", "value": f"{platform.system()} {platform.release()}, Python {platform.python_version()}"},
        {
            "name": "processors",
            "value": str(cpus),
            "matters": ""
            if cpus > 1
            else "Server and load generator share the one processor: rates are not comparable.",
        },
        {"name": "user", "value": "root" if os.geteuid() == 0 else "an ordinary user"},
    ]
    steal = _steal()
    if steal is not None:
        lost = "A neighbour on the host takes this much of the processors." if steal > 0.01 else ""
        facts.append({"name": "steal", "value": f"{steal:.1%} since the start", "matters": lost})
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if governor.exists():
        value = governor.read_text().strip()
        varies = "" if value == "performance" else "The clock follows the load: the first seconds of a run are slower."
        facts.append({"name": "frequency", "value": value, "matters": varies})
    if any(Path("/sys/class/power_supply").glob("*/status")):
        states = {path.read_text().strip() for path in Path("/sys/class/power_supply").glob("*/status")}
        if "Discharging" in states:
            facts.append({"name": "power", "value": "battery", "matters": "Processors slow down on battery. Plug in."})
    return facts


def _steal() -> float | None:
    """Share of all processor time that the hypervisor kept, since the start of the machine (proc(5), /proc/stat)."""
    try:
        times = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    except OSError:
        return None
    total = sum(times[:8])
    return times[7] / total if len(times) > 7 and total else None
