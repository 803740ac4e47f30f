"""Which claims of the book were measured with a server: read from the reference records, which say what served."""

from __future__ import annotations

import json
import re
from functools import cache

from labs.deployments.catalogue import ARRANGEMENTS
from labs.paths import TOP

RECORDS = TOP / "benchmarks" / "results" / "reference"
DEPLOYMENT = re.compile(r'"deployment": "([a-z-]+)"')


@cache
def records() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Claim -> the versions that its record names, and what the deployments of its arms need."""
    found = {}
    for path in sorted(RECORDS.glob("*.json")):
        text = path.read_text("utf-8")
        kinds = {ARRANGEMENTS[name] for name in DEPLOYMENT.findall(text) if name in ARRANGEMENTS}
        needed = {title for kind in kinds for title in kind.needs}
        found[path.stem] = (frozenset(json.loads(text)["versions"]), frozenset(needed))
    return found


def measured_with(title: str, *, package: bool) -> list[str]:
    """Claims whose reference record names a server.

    package  a package of the environment, whose version stands in every record: there the deployments of the arms decide
    """
    return [claim for claim, (versions, needed) in records().items() if title in (needed if package else versions)]
