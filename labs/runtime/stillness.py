"""While something is measured in this process, whoever looks into a deployment by the clock keeps still."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_held = 0


@contextmanager
def still() -> Iterator[None]:
    """Nobody looks by the clock for as long as the block lasts. Blocks may lie within each other, and in several threads."""
    global _held  # noqa: PLW0603 - one process, one stillness
    with _lock:
        _held += 1
    try:
        yield
    finally:
        with _lock:
            _held -= 1


def held() -> bool:
    """Whether it is to be still now."""
    return _held > 0
