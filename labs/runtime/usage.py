"""What a deployment uses: the whole of it, and each server's part, from one look at the processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """CPU seconds, or bytes of memory (PSS).

    total    of the whole tree, what nobody knows the origin of included
    servers  label -> its part. Of one that was started again: of all its starts together
    """

    total: float
    servers: Mapping[str, float]
