"""A part of a page, resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True)
class Piece:
    """With an `id` it is a cell of its own, without one it flows into the text around it.

    outputs  of a cell of code
    """

    text: str
    id: str = ""
    is_code: bool = False
    outputs: list[dict[str, Any]] = field(default_factory=list)


def joined(texts: Iterable[str]) -> str:
    """Texts below one another with one empty line between."""
    return "\n\n".join(text for each in texts if (text := each.strip("\n")).strip())
