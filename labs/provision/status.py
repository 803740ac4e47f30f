"""dpkg's record of what is installed, reduced to what every machine of the distribution has.

With the whole record apt would leave out what this machine happens to have, and each machine would get another set
of packages; some, such as media-types, are needed in the folder wherever they lie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

SYSTEM = Path("/var/lib/dpkg/status")

# Beside the essential packages: what runs this script, and what fetches.
BASE = ("python3", "apt")


def reduced(text: str, base: Iterable[str] = BASE) -> str:
    """Return the entries of the essential packages, of the base, and of all that these depend on."""
    entries: dict[str, tuple[dict[str, str], str]] = {}
    providers: dict[str, list[str]] = {}
    for entry in text.split("\n\n"):
        fields = dict(re.findall(r"(?m)^([\w-]+): (.*)$", entry))
        if not fields.get("Status", "").endswith(" installed"):
            continue
        entries[fields["Package"]] = fields, entry.strip("\n")
        for virtual in _names(fields.get("Provides", "")):
            providers.setdefault(virtual[0], []).append(fields["Package"])
    todo = [name for name, (fields, _) in entries.items() if fields.get("Essential") == "yes"]
    todo += [name for name in base if name in entries]
    kept: set[str] = set()
    while todo:
        name = todo.pop()
        if name in kept:
            continue
        kept.add(name)
        fields = entries[name][0]
        for alternatives in [*_names(fields.get("Depends", "")), *_names(fields.get("Pre-Depends", ""))]:
            # dpkg keeps no account of which alternative was meant: the first that is installed counts.
            candidates = [name for wanted in alternatives for name in (wanted, *providers.get(wanted, ()))]
            todo += [name for name in candidates if name in entries][:1]
    return "".join(f"{entries[name][1]}\n\n" for name in sorted(kept))


def _names(relations: str) -> list[list[str]]:
    """Return the package names of a relation field: one list of alternatives a relation."""
    groups = (group.split("|") for group in relations.split(",") if group.strip())
    return [[re.split(r"[\s(:\[]", alternative.strip(), maxsplit=1)[0] for alternative in group] for group in groups]
