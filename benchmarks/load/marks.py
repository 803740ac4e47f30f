"""When each request of a window ended, kept only where something happens to the servers and what was seen of it is asked.

It travels to the owner as text: microseconds from the beginning of the window, 64 bits each, packed.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from benchmarks.trials.event import Answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, 9.2.1: they ask, and change nothing
KINDS = ("reads", "writes")

Packed = dict[str, list[str]]  # kind -> the good ones and the failed ones, packed


class Marks:
    """The moments (CLOCK_MONOTONIC) at which requests ended: reads and writes, good and failed."""

    def __init__(self) -> None:
        self._at = {kind: (array("d"), array("d")) for kind in KINDS}

    def add(self, method: str, at: float, failed: bool) -> None:
        """A request of this HTTP method ended."""
        self._at["reads" if method in SAFE else "writes"][failed].append(at)

    def since(self, begin: float) -> Packed:
        """All of them, counted from a moment."""
        return {kind: [pack(at - begin for at in each) for each in both] for kind, both in self._at.items()}


def pack(seconds: Iterable[float]) -> str:
    """Some moments as text."""
    numbers = array("q", (round(each * 1_000_000) for each in seconds))
    if sys.byteorder == "big":
        numbers.byteswap()
    return b64encode(zlib.compress(numbers.tobytes(), 1)).decode("ascii")


def unpack(text: str) -> list[float]:
    """The moments of a text, in order."""
    numbers = array("q", zlib.decompress(b64decode(text)))
    if sys.byteorder == "big":
        numbers.byteswap()
    return sorted(each / 1_000_000 for each in numbers)


def answers(packed: Mapping[str, Sequence[str]]) -> dict[str, Answers]:
    """Kind -> when its requests ended."""
    return {kind: Answers(unpack(good), unpack(failed)) for kind, (good, failed) in packed.items()}


def joined(parts: Sequence[Mapping[str, Sequence[str]]], shifts: Sequence[float]) -> Packed:
    """What several saw as one. shifts: seconds that the window of each began after the first of them."""
    return {
        kind: [
            pack(at + shift for part, shift in zip(parts, shifts, strict=True) for at in unpack(part[kind][which]))
            for which in (0, 1)
        ]
        for kind in parts[0]
    }
