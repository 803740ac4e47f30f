"""What each part of a deployment used in a trial, beside the whole tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.codec import Amount, Count


@dataclass(frozen=True, kw_only=True)
class Used:
    """Of one server or machine: CPU seconds between the two readings, and PSS in bytes as the window ended."""

    cpu_seconds: Amount
    pss_bytes: Count


def by_machine(servers: Mapping[str, Used], on: Mapping[str, str]) -> dict[str, Used]:
    """The same by machine: the sums of their servers.

    on  label of a server -> name of its machine
    """
    whose: dict[str, list[Used]] = {}
    for label, used in servers.items():
        whose.setdefault(on[label], []).append(used)
    return {name: together(some) for name, some in whose.items()}


def together(some: Iterable[Used]) -> Used:
    """Several that ran at the same time as one."""
    parts = list(some)
    return Used(cpu_seconds=sum(each.cpu_seconds for each in parts), pss_bytes=sum(each.pss_bytes for each in parts))


def pooled(some: Iterable[Mapping[str, Used] | None]) -> dict[str, Used] | None:
    """Several trials of the same servers as one: CPU added, memory the largest seen. None where one has none."""
    parts = list(some)
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len({frozenset(part) for part in known}) != 1:
        return None
    return {
        label: Used(
            cpu_seconds=sum(part[label].cpu_seconds for part in known),
            pss_bytes=max(part[label].pss_bytes for part in known),
        )
        for label in known[0]
    }
