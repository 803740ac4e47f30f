"""Which Linux distribution this is, and where its own packages come from."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ETC = Path("/etc")

# Where the servers lie: Debian's main, Ubuntu's main and universe.
COMPONENTS = ("main", "universe")


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """What /etc/os-release says: name ("debian"), version ("12"), code name ("bookworm"), and a title for people."""

    name: str
    version: str
    codename: str
    title: str


def read(etc: Path = ETC) -> Distribution:
    """Read which distribution this is; every field is empty where there is no os-release, as on macOS."""
    path = etc / "os-release"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    values = {name: "".join(shlex.split(value)) for name, value in pairs}
    return Distribution(
        name=values.get("ID", ""),
        version=values.get("VERSION_ID", ""),
        codename=values.get("VERSION_CODENAME", ""),
        title=values.get("PRETTY_NAME", ""),
    )


@dataclass(frozen=True, kw_only=True)
class Source:
    """One place of packages, as sources.list(5) describes it."""

    addresses: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""

    def stanza(self) -> str:
        """Return it in the form of a .sources file; apt is asked for the list of packages and nothing else."""
        lines = [
            "Types: deb",
            f"URIs: {' '.join(self.addresses)}",
            f"Suites: {' '.join(self.suites)}",
            f"Components: {' '.join(self.components)}",
            "Targets: Packages",
        ]
        if self.signed_by:
            lines.append(f"Signed-By: {self.signed_by}")
        return "\n".join(lines) + "\n"


def sources(distribution: Distribution, etc: Path = ETC) -> list[Source]:
    """Return the distribution's own entries among the sources that apt has on this machine.

    Third parties are left out: one dead list of theirs would give warnings, and another would bring other servers than
    the book was measured with. Their entries name another suite, another component, or another key.
    """
    found = []
    files = [etc / "apt/sources.list", *sorted((etc / "apt/sources.list.d").glob("*"))]
    for path in files:
        if not path.is_file() or path.suffix not in {".list", ".sources"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        entries = _one_line(text) if path.suffix == ".list" else _stanzas(text)
        found += [own for entry in entries if (own := _own(entry, distribution))]
    return found


def _own(source: Source, distribution: Distribution) -> Source | None:
    name = distribution.codename
    suites = tuple(s for s in source.suites if s in {name, f"{name}-updates", f"{name}-security", f"{name}/updates"})
    components = tuple(c for c in source.components if c in COMPONENTS)
    addresses = tuple(a for a in source.addresses if not a.startswith("cdrom:"))
    ours = not source.signed_by or f"{distribution.name}-archive" in source.signed_by
    if not (suites and components and addresses and ours):
        return None
    return Source(addresses=addresses, suites=suites, components=components, signed_by=source.signed_by)


def _one_line(text: str) -> list[Source]:
    found = []
    for line in text.splitlines():
        match = re.match(
            r"^\s*deb\s+(?:\[(?P<options>[^]]*)\]\s*)?(?P<address>\S+)\s+(?P<suite>\S+)\s+(?P<rest>[^#]+)", line
        )
        if match:
            options = dict(part.split("=", 1) for part in (match["options"] or "").split() if "=" in part)
            found.append(
                Source(
                    addresses=(match["address"],),
                    suites=(match["suite"],),
                    components=tuple(match["rest"].split()),
                    signed_by=options.get("signed-by", ""),
                )
            )
    return found


def _stanzas(text: str) -> list[Source]:
    found = []
    for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        fields = {name.lower(): value for name, value in re.findall(r"(?m)^([\w-]+):((?:.*)(?:\n[ \t].*)*)", stanza)}
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").strip().lower() != "no":
            found.append(
                Source(
                    addresses=tuple(fields.get("uris", "").split()),
                    suites=tuple(fields.get("suites", "").split()),
                    components=tuple(fields.get("components", "").split()),
                    signed_by=fields.get("signed-by", "").strip(),
                )
            )
    return found
