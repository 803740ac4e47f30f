"""The types of records of FastCGI 1.0, one class each (sections 4 and 5)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Self

from .errors import RecordError
from .pairs import Text, decode_pairs, encode_pairs
from .record import LONGEST_CONTENT, Record, Stream, Type, shorten, show

KEEP_CONNECTION = 1


class Role(IntEnum):
    """What the application is asked to do (section 6)."""

    RESPONDER = 1
    AUTHORIZER = 2
    FILTER = 3


class ProtocolStatus(IntEnum):
    """How a request ended, for the protocol (section 5.5)."""

    REQUEST_COMPLETE = 0
    CANT_MPX_CONN = 1
    OVERLOADED = 2
    UNKNOWN_ROLE = 3


@dataclass(frozen=True)
class BeginRequest(Record):
    """A request begins (section 5.1). With `keep` the connection stays open after the answer."""

    type: ClassVar[int] = Type.BEGIN_REQUEST
    BODY: ClassVar[struct.Struct] = struct.Struct("!HB5x")
    role: int = Role.RESPONDER
    keep: bool = False

    @property
    def content(self) -> bytes:
        """Role and flags."""
        return self.BODY.pack(self.role, KEEP_CONNECTION if self.keep else 0)

    @classmethod
    def from_content(cls, content: bytes, request_id: int) -> Self:
        """Read role and flags."""
        role, flags = _unpack(cls.BODY, content, "BEGIN_REQUEST")
        return cls(role, bool(flags & KEEP_CONNECTION), request_id=request_id)

    def words(self) -> str:
        """The role, and what becomes of the connection."""
        return f"role {_words(self.role, Role)}; then {'keep' if self.keep else 'close'} the connection"


@dataclass(frozen=True)
class AbortRequest(Record):
    """The front-end gives the request up (section 5.4)."""

    type: ClassVar[int] = Type.ABORT_REQUEST


@dataclass(frozen=True)
class EndRequest(Record):
    """A request has ended (section 5.5): the application's exit status, and the protocol's own."""

    type: ClassVar[int] = Type.END_REQUEST
    BODY: ClassVar[struct.Struct] = struct.Struct("!LB3x")
    application_status: int = 0
    protocol_status: int = ProtocolStatus.REQUEST_COMPLETE

    @property
    def content(self) -> bytes:
        """Both statuses."""
        return self.BODY.pack(self.application_status, self.protocol_status)

    @classmethod
    def from_content(cls, content: bytes, request_id: int) -> Self:
        """Read both statuses."""
        return cls(*_unpack(cls.BODY, content, "END_REQUEST"), request_id=request_id)

    def words(self) -> str:
        """Both statuses."""
        return f"application status {self.application_status}, {_words(self.protocol_status, ProtocolStatus)}"


@dataclass(frozen=True)
class Stdin(Stream):
    """The body of the request (section 5.3)."""

    type: ClassVar[int] = Type.STDIN


@dataclass(frozen=True)
class Stdout(Stream):
    """The answer: headers as in CGI, then the body (section 5.3)."""

    type: ClassVar[int] = Type.STDOUT


@dataclass(frozen=True)
class Stderr(Stream):
    """Messages for the front-end's log (section 5.3)."""

    type: ClassVar[int] = Type.STDERR


@dataclass(frozen=True)
class Data(Stream):
    """The file that a filter is to work on (section 5.3)."""

    type: ClassVar[int] = Type.DATA


@dataclass(frozen=True)
class Pairs(Record):
    """Name-value pairs; or, in `fragment`, bytes that end inside a pair, as a piece of a long stream may."""

    values: Mapping[str, Text] = field(default_factory=dict)
    fragment: bytes = field(default=b"", kw_only=True)

    @property
    def content(self) -> bytes:
        """The pairs as bytes."""
        return self.fragment or encode_pairs(self.values)

    @classmethod
    def from_content(cls, content: bytes, request_id: int) -> Self:
        """Read the pairs; keep the bytes where they are no whole pairs."""
        try:
            return cls(decode_pairs(content), request_id=request_id)
        except RecordError:
            return cls(fragment=content, request_id=request_id)

    def words(self) -> str:
        """The pairs, as many as fit a line."""
        if self.fragment:
            return f"a piece of a longer stream: {show(self.fragment)}"
        shown = ", ".join(
            f"{name}={text if isinstance(text, str) else show(text)}" for name, text in self.values.items()
        )
        return shorten(shown)


@dataclass(frozen=True)
class Params(Pairs):
    """The variables of the request, as in CGI; an empty record ends them (section 5.2)."""

    type: ClassVar[int] = Type.PARAMS

    @classmethod
    def pieces(cls, values: Mapping[str, Text], *, request_id: int = 1) -> list[Self]:
        """The whole stream: as many records as it needs, and the empty one that ends it."""
        data = encode_pairs(values)
        cuts = range(0, len(data), LONGEST_CONTENT)
        return [
            *(cls.from_content(data[cut : cut + LONGEST_CONTENT], request_id) for cut in cuts),
            cls(request_id=request_id),
        ]

    def words(self) -> str:
        """The variables, or that there are no more."""
        return super().words() or "end of the stream"


@dataclass(frozen=True)
class GetValues(Pairs):
    """What can you do? Names with empty values, such as FCGI_MAX_CONNS (section 4.1)."""

    type: ClassVar[int] = Type.GET_VALUES
    request_id: int = field(default=0, kw_only=True)

    @classmethod
    def ask(cls, names: Sequence[str] = ("FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS")) -> Self:
        """Ask for these names; by default for the three of the specification."""
        return cls(dict.fromkeys(names, ""))


@dataclass(frozen=True)
class GetValuesResult(Pairs):
    """The answer to GetValues: the names that the application knows, with their values (section 4.1)."""

    type: ClassVar[int] = Type.GET_VALUES_RESULT
    request_id: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class UnknownType(Record):
    """The answer to a management record that the application does not know (section 4.2)."""

    type: ClassVar[int] = Type.UNKNOWN_TYPE
    BODY: ClassVar[struct.Struct] = struct.Struct("!B7x")
    unknown: int = 0
    request_id: int = field(default=0, kw_only=True)

    @property
    def content(self) -> bytes:
        """The type that is not known."""
        return self.BODY.pack(self.unknown)

    @classmethod
    def from_content(cls, content: bytes, request_id: int) -> Self:
        """Read the type that is not known."""
        return cls(*_unpack(cls.BODY, content, "UNKNOWN_TYPE"), request_id=request_id)

    def words(self) -> str:
        """The type that is not known."""
        return f"type {self.unknown} is not known here"


def _words(number: int, names: type[IntEnum]) -> str:
    return names(number).name.lower().replace("_", " ") if number in list(names) else f"{number} (unknown)"


def _unpack(body: struct.Struct, content: bytes, name: str) -> tuple[int, ...]:
    if len(content) != body.size:
        raise RecordError(f"{name} has {len(content)} bytes of content; it must have {body.size}.")
    return body.unpack(content)
