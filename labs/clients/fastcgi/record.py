"""Records of FastCGI 1.0: eight bytes of header, content, padding (section 3.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Self

from .errors import RecordError

VERSION = 1
HEADER = struct.Struct("!BBHHBx")  # version, type, request id, content length, padding length, reserved
LONGEST_CONTENT = 65535
SHOWN = 72


class Type(IntEnum):
    """What a record is (section 8)."""

    BEGIN_REQUEST = 1
    ABORT_REQUEST = 2
    END_REQUEST = 3
    PARAMS = 4
    STDIN = 5
    STDOUT = 6
    STDERR = 7
    DATA = 8
    GET_VALUES = 9
    GET_VALUES_RESULT = 10
    UNKNOWN_TYPE = 11


CLASSES: dict[int, type[Record]] = {}


@dataclass(frozen=True)
class Record:
    """One record. `request_id` tells the requests of one connection apart; 0 is for management (section 3.3)."""

    type: ClassVar[int]
    request_id: int = field(default=1, kw_only=True)

    def __init_subclass__(cls) -> None:
        # Every class of a type that the specification has is one that `decode` makes.
        if "type" in cls.__dict__ and cls.type in list(Type):
            CLASSES[cls.type] = cls

    @property
    def content(self) -> bytes:
        """The bytes between header and padding."""
        return b""

    @property
    def number(self) -> int:
        """The number of the type, as in the header."""
        return self.type

    @property
    def name(self) -> str:
        """The name of the type in the specification, without FCGI_."""
        return Type(self.type).name

    @classmethod
    def from_content(cls, content: bytes, request_id: int) -> Self:  # noqa: ARG003 - some types have no content
        """Read the content of a record of this type. Raises RecordError."""
        return cls(request_id=request_id)

    def encode(self, *, padding: int | None = None) -> bytes:
        """The record as bytes. `padding` is in bytes; by default up to a multiple of 8, as section 3.3 advises."""
        content = self.content
        if len(content) > LONGEST_CONTENT:
            raise RecordError(f"{self.name} has {len(content)} bytes of content; a record holds {LONGEST_CONTENT}.")
        fill = -len(content) % 8 if padding is None else padding
        try:
            header = HEADER.pack(VERSION, self.number, self.request_id, len(content), fill)
        except struct.error as error:
            raise RecordError(f"{self.name}: request id or padding does not fit the header: {error}.") from error
        return header + content + bytes(fill)

    def words(self) -> str:
        """The content in words, one line."""
        return ""


@dataclass(frozen=True)
class Stream(Record):
    """A piece of a stream of bytes; an empty piece ends the stream (section 3.3)."""

    data: bytes = b""

    @property
    def content(self) -> bytes:
        """The bytes."""
        return self.data

    @classmethod
    def from_content(cls, content: bytes, request_id: int) -> Self:
        """Take the bytes as they are."""
        return cls(content, request_id=request_id)

    @classmethod
    def pieces(cls, data: bytes, *, request_id: int = 1) -> list[Self]:
        """The whole stream: as many records as it needs, and the empty one that ends it."""
        cuts = range(0, len(data), LONGEST_CONTENT)
        records = [cls.from_content(data[cut : cut + LONGEST_CONTENT], request_id) for cut in cuts]
        return [*records, cls.from_content(b"", request_id)]

    def words(self) -> str:
        """The beginning, as text where it is text, else in hexadecimal."""
        return show(self.data) if self.data else "end of the stream"


@dataclass(frozen=True)
class Other(Stream):
    """A record of a type that the specification does not have; for trying what a server makes of it."""

    type: ClassVar[int] = 0
    kind: int = field(default=255, kw_only=True)

    @property
    def number(self) -> int:
        """The number given."""
        return self.kind

    @property
    def name(self) -> str:
        """There is only a number."""
        return f"type {self.kind}"


def decode(data: bytes) -> tuple[Record | None, bytes]:
    """Take the first record off `data`: the record and what follows, or None and `data` while it is not complete.

    Raises RecordError for bytes that are no record of version 1.
    """
    if len(data) < HEADER.size:
        return None, data
    version, kind, request_id, length, padding = HEADER.unpack_from(data)
    if version != VERSION:
        raise RecordError(
            f"No FastCGI: the first byte is {version}, the version, and must be {VERSION}. It begins with {show(data)}"
        )
    end = HEADER.size + length
    if len(data) < end + padding:
        return None, data
    content, rest = data[HEADER.size : end], data[end + padding :]
    known = CLASSES.get(kind)
    if known is None:
        return Other(content, kind=kind, request_id=request_id), rest
    return known.from_content(content, request_id), rest


def show(data: bytes) -> str:
    """Bytes on one line: quoted text if they are text, else hexadecimal."""
    head = data[: SHOWN * 2]
    try:
        text = head.decode("utf-8") if len(head) == len(data) else head.decode("utf-8", "ignore")
    except UnicodeDecodeError:
        text = "\0"
    if all(character.isprintable() or character in "\r\n\t" for character in text):
        return shorten(repr(text), more=len(data) > len(head))
    return shorten(head.hex(" "), more=len(data) > len(head))


def shorten(text: str, *, more: bool = False) -> str:
    """The text, cut to one line of a table."""
    return f"{text[:SHOWN]} …" if more or len(text) > SHOWN else text
