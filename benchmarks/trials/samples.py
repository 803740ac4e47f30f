"""What was looked at again and again within a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.codec import Amount


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Some numbers over time.

    every        seconds between two looks, as asked; a busy machine takes longer
    cpu_seconds  that looking took in the harness, which is no CPU time of the servers
    at           seconds from the beginning of the window to each look
    values       what was looked at -> a number a look, None where it could not be read then
    """

    every: Amount
    cpu_seconds: Amount
    at: tuple[Amount, ...]
    values: Mapping[str, tuple[Amount | None, ...]]
