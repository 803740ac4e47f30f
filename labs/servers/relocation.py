"""Configuration that is taken to another folder or host: paths of this machine are written as they will be there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

Move = Callable[[str], str]

_MOVE: ContextVar[Move | None] = ContextVar("move", default=None)


def there(text: str) -> str:
    """A path, or a text with paths in it, not yet quoted, as it is to be written now."""
    move = _MOVE.get()
    return move(text) if move else text


@contextmanager
def taken(move: Move) -> Iterator[None]:
    """Write configuration for where `move` takes the paths of this machine."""
    token = _MOVE.set(move)
    try:
        yield
    finally:
        _MOVE.reset(token)


def mover(pairs: Sequence[tuple[str, str]]) -> Move:
    """Replaces each first text of a pair by the second, the longest first, and nothing of what it has put there.

    A path is replaced where it is meant: /home/me/shop is not a part of /home/me/shop-media.
    """
    known = dict(pairs)
    if not known:
        return lambda text: text
    words = "|".join(map(_whole, sorted(known, key=len, reverse=True)))
    return lambda text: re.sub(words, lambda found: known[found[0]], text)


def _whole(text: str) -> str:
    before = "" if text.startswith(":") else r"(?<![\w.-])"
    after = "" if text.endswith("/") else r"(?![\w.-])"
    return f"{before}{re.escape(text)}{after}"
