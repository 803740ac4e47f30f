"""What a record tells of a site of the reader's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.store import origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.store.records import Record

APART = 0.01  # of the larger answer: arms whose answers differ by more are not asked for the same page


def lines(record: Record) -> list[str]:
    """The site, line by line; empty for the newsroom. Older records of a site hold its settings and page alone."""
    site = record.data.get("site")
    if not site:
        return []
    found = [f"  site      {origin.site_named(site)}"]
    if apart := answers_apart(record):
        found.append(f"    answers: {apart}")
    if "python" in site:
        found.append(
            f"    {site['python']}, Django {site.get('django', 'unknown')}, SQLite {site['sqlite']}, {_switches(site)}"
        )
    for name, label in (("databases", "databases"), ("caches", "caches")):
        if kinds := site.get(name):
            found.append(f"    {label}: {', '.join(f'{alias} {kind}' for alias, kind in kinds.items())}")
    if middleware := site.get("middleware"):
        found.append(f"    middleware: {', '.join(middleware)}")
    if packages := site.get("packages"):
        found.append(f"    packages: {', '.join(f'{name} {version}' for name, version in packages.items())}")
    if lent := site.get("lent"):
        found.append(f"    lent by the labs: {', '.join(lent)}")
    return found


def answers_apart(record: Record) -> str | None:
    """Where the arms answered with pages of different sizes: such a comparison is of the pages too. None where they did not."""
    arms: Mapping[str, Any] = record.data.get("deployments") or {}
    sizes = {name: arm["answer_bytes"] for name, arm in arms.items() if "answer_bytes" in arm}
    if not sizes or max(sizes.values()) - min(sizes.values()) <= APART * max(sizes.values()):
        return None
    seen = ", ".join(f"{name} {words.counted(size, 'byte')}" for name, size in sizes.items())
    return f"not the same from every arm: {seen}. What differs between the pages is measured too"


def _switches(site: Mapping[str, Any]) -> str:
    debug = {True: "DEBUG on", False: "DEBUG off"}.get(site.get("debug"), "DEBUG not known")  # type: ignore[arg-type]
    code = f", code {site['code']}" if site.get("code") else ""
    return f"{debug}, {'its own database' if site.get('database') == 'mine' else 'a copy of its database'}{code}"
