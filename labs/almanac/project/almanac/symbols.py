"""One table of names for the whole process, as the dynamic linker keeps one: who comes first gives a name its meaning."""

from __future__ import annotations

import ctypes
import resource
from collections.abc import Sequence

# The dump of a crash that is meant would fill a disk.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

_TABLE: dict[str, ctypes.Array[ctypes.c_void_p]] = {}


def resolve(name: str, own: Sequence[int | None]) -> ctypes.Array[ctypes.c_void_p]:
    """The machine words behind a name; `own` are the caller's, which it gets only where the name is new."""
    return _TABLE.setdefault(name, (ctypes.c_void_p * len(own))(*own))
