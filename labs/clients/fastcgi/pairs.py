"""Name-value pairs, section 3.4: a length of one byte up to 127, of four bytes (the highest bit set) from 128."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Text = str | bytes
LONG = 0x80000000
LONGEST = LONG - 1


def to_bytes(text: Text) -> bytes:
    """Text as UTF-8; bytes that are not UTF-8 survive the way there and back."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    """The reverse of `to_bytes`."""
    return data.decode("utf-8", "surrogateescape")


def encode_length(length: int) -> bytes:
    """A length as one or four bytes. Raises RecordError beyond 2147483647."""
    if length > LONGEST:
        raise RecordError(f"A name or value of {length} bytes is too long; {LONGEST} is the most.")
    return bytes([length]) if length < 128 else (length | LONG).to_bytes(4, "big")


def encode_pairs(values: Mapping[str, Text]) -> bytes:
    """All pairs, one after the other: both lengths, the name, the value."""
    parts = []
    for name, value in values.items():
        left, right = to_bytes(name), to_bytes(value)
        parts += [encode_length(len(left)), encode_length(len(right)), left, right]
    return b"".join(parts)


def decode_pairs(data: bytes) -> dict[str, str]:
    """The pairs in `data`. Raises RecordError if it ends inside a pair, as one record of a longer stream may."""
    return {to_text(name): to_text(value) for name, value in _pairs(data)}


def _pairs(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position < len(data):
        name_length, position = _length(data, position)
        value_length, position = _length(data, position)
        middle, end = position + name_length, position + name_length + value_length
        if end > len(data):
            raise RecordError(f"The pairs end after {len(data)} bytes; the last one needs {end - len(data)} more.")
        yield data[position:middle], data[middle:end]
        position = end


def _length(data: bytes, position: int) -> tuple[int, int]:
    size = 4 if data[position : position + 1] >= b"\x80" else 1
    if position + size > len(data):
        raise RecordError(f"The pairs end after {len(data)} bytes, inside a length.")
    return int.from_bytes(data[position : position + size], "big") & LONGEST, position + size
