"""Where a result comes from, compared: with where another one comes from, or with what is here now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.host import fingerprint
from benchmarks.host.source import code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.plan.deployed import Deployed
    from benchmarks.plan.experiment import Experiment

MACHINE = (
    *("cpu", "cpus", "cpus_usable", "threads_a_core", "governor", "memory_bytes", "memory_limit", "cpu_limit"),
    *("kernel", "machine", "os", "virtual", "settings"),
)
# What a record says of a reader's project, in words; `packages` are named one by one
SITE = {
    "settings": "settings module",
    "page": "page",
    "python": "Python",
    "sqlite": "SQLite",
    "django": "Django",
    "code": "code",
    "debug": "DEBUG",
    "database": "database",
    "databases": "databases",
    "caches": "caches",
    "middleware": "middleware",
    "lent": "packages from the labs",
}
NEWSROOM = "the newsroom"
NO_MORE = "nothing more"
SHOWN = 8  # packages that are named; a record names all
Differences = dict[str, tuple[Any, Any]]


def here(
    experiment: Experiment | None = None,
    deploy: Callable[..., Deployed] | None = None,
    site: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a record made now would say of its origin; with `experiment`, the versions of its servers too.

    site  what is said of the reader's project, where it is one

    Raises Missing when a server is not on this machine.
    """
    versions = fingerprint.versions(measured=site is None)
    if experiment is not None:
        versions |= _servers(experiment, deploy)
    return {
        "commit": fingerprint.commit(),
        "versions": versions,
        "fingerprint": {**fingerprint.fingerprint(), "code": code()},
        **({"site": site} if site else {}),
    }


def differs(first: Mapping[str, Any], second: Mapping[str, Any]) -> Differences:
    """Site, machine, versions and code that are not the same; what one of the two does not say is left out.

    The code is named by its commits, and compared by its digest where both have one: a commit of words alone changes
    nothing that is measured.
    """
    found = _sites(first.get("site"), second.get("site"))
    prints = first["fingerprint"], second["fingerprint"]
    for name in MACHINE:
        if all(name in each for each in prints) and prints[0][name] != prints[1][name]:
            found[name] = prints[0][name], prints[1][name]
    versions = first["versions"], second["versions"]
    for name in versions[0]:
        if name in versions[1] and versions[0][name] != versions[1][name]:
            found[name] = versions[0][name], versions[1][name]
    codes = [each.get("code") for each in prints]
    commits = first.get("commit"), second.get("commit")
    if codes[0] != codes[1] if all(codes) else commits[0] != commits[1]:
        found["commit"] = commits
    return found


def site_named(site: Mapping[str, Any] | None) -> str:
    """Whose pages a record is of: "shop.settings, page /", or the newsroom."""
    return f"{site['settings']}, page {site['page']}" if site else NEWSROOM


def _sites(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Differences:
    """What is another project, or another state of one."""
    if not one and not other:
        return {}
    if not one or not other:
        return {"site": (site_named(one), site_named(other))}
    found: Differences = {}
    for name, said in SITE.items():
        if name in one and name in other and one[name] != other[name]:
            found[f"the site's {said}"] = _apart(one[name], other[name]), _apart(other[name], one[name])
    if "packages" in one and "packages" in other and (apart := _packages(one["packages"], other["packages"])):
        found["the site's packages"] = apart
    return found


def _packages(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, str] | None:
    """Those that are not the same, in words: other versions first, then what only one of the two has."""
    names = [name for name in sorted({*one, *other}, key=str.lower) if one.get(name) != other.get(name)]
    names.sort(key=lambda name: not (name in one and name in other))
    sides = [[f"{name} {side[name]}" for name in names if name in side] for side in (one, other)]
    first, second = (
        ", ".join(side[:SHOWN]) + (f" and {len(side) - SHOWN} more" if len(side) > SHOWN else "") for side in sides
    )
    return (first or NO_MORE, second or NO_MORE) if names else None


def _apart(one: Any, other: Any) -> Any:
    """Of a list only what the other does not have, or all of it where only the order is another; the rest as it is."""
    if isinstance(one, list) and isinstance(other, list):
        more = [each for each in one if each not in other]
        return ", ".join(map(str, one if sorted(one) == sorted(other) else more)) or NO_MORE
    if isinstance(one, dict):
        return ", ".join(f"{name}: {value}" for name, value in one.items()) or "none"
    return one


def described(differences: Differences) -> str:
    """Such as "kernel Linux 6.1 against Linux 6.5, nginx 1.22.1 against 1.24.0"."""
    return ", ".join(f"{name.replace('_', ' ')} {one} against {other}" for name, (one, other) in differences.items())


def _servers(experiment: Experiment, deploy: Callable[..., Deployed] | None) -> dict[str, str]:
    """Versions of the servers, found without starting one."""
    from labs import deploy as launch  # imported here: it brings the servers

    make: Callable[..., Any] = deploy or launch
    found: dict[str, str] = {}
    for name in experiment.arms:
        deployment = make(experiment.arms[name].deployment, **experiment.options_at(name, experiment.points[0]))
        try:
            servers = deployment.describe().get("servers", {})
            found |= {server: str(version) for server, version in servers.items()}
        finally:
            deployment.stop()
    return found
