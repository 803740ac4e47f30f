"""Frozen dataclasses to JSON and back. What a file must hold is said once, by the types; the edges alone use this.

A field with a default may be missing in a file. One whose value is None is left out when it is written, unless its metadata
says `NULL`. Names that no field has are passed over in reading: a newer writer may know more. What is one text in a file, such as
a histogram, is a `Word`.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

NULL: Mapping[str, bool] = {"null": True}  # metadata of a field whose None is written, as null
Made = TypeVar("Made")


@dataclass(frozen=True)
class Least:
    """Of a number: what it cannot be below."""

    value: float


@dataclass(frozen=True)
class Format:
    """Of a text: its format, in the words of JSON Schema."""

    name: str


Count = Annotated[int, Least(0)]
Amount = Annotated[float, Least(0)]


@dataclass(frozen=True)
class Word:
    """Base of what is one text in a file."""

    encoded: str


class WrongError(ValueError):
    """What is wrong, before it is known of which file: a part of a sentence."""


@dataclass(frozen=True)
class Member:
    """One field of a class, as a file holds it."""

    name: str
    kind: Any
    required: bool
    null: bool


@cache
def members(of: type) -> tuple[Member, ...]:
    """The fields of a dataclass, in order."""
    hints = get_type_hints(of, include_extras=True)
    return tuple(
        Member(
            name=each.name,
            kind=hints[each.name],
            required=each.default is MISSING and each.default_factory is MISSING,
            null="null" in each.metadata,
        )
        for each in fields(of)
    )


def encode(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, Word):
        return value.encoded
    if is_dataclass(value) and not isinstance(value, type):
        held = ((each, getattr(value, each.name)) for each in members(type(value)))
        return {each.name: encode(seen) for each, seen in held if seen is not None or each.null or each.required}
    if isinstance(value, Mapping):
        return {key: encode(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(each) for each in value]
    return value


def decode(of: type[Made], data: Any, where: str = "") -> Made:
    """An object of a class from what a file holds. Raises `WrongError`, naming the first place that does not fit."""
    return cast("Made", _value(of, data, where))


def _value(kind: Any, data: Any, where: str) -> Any:
    origin = get_origin(kind)
    if kind is Any:
        return data
    if origin is Annotated:
        return _annotated(kind, data, where)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind), data, where)
    if origin is Literal:
        if data not in get_args(kind):
            raise WrongError(f"{where} is {data!r:.60}, none of {', '.join(map(str, get_args(kind)))}")
        return data
    if origin is tuple:
        return tuple(
            _value(get_args(kind)[0], each, f"{where}[{place}]") for place, each in enumerate(_list(data, where))
        )
    if origin is Sequence:
        return [_value(get_args(kind)[0], each, f"{where}[{place}]") for place, each in enumerate(_list(data, where))]
    if origin is Mapping:
        each_kind = get_args(kind)[1]
        return {name: _value(each_kind, each, f"{where}.{name}") for name, each in _mapping(data, where).items()}
    if isinstance(kind, type) and issubclass(kind, Word):
        return kind(_plain(str, data, where))
    if is_dataclass(kind):
        return _object(cast("type", kind), _mapping(data, where), where)
    return _plain(kind, data, where)


def _object(kind: type, data: Mapping[str, Any], where: str) -> Any:
    given = {}
    for each in members(kind):
        name = f"{where}.{each.name}" if where else each.name
        if each.name in data:
            given[each.name] = _value(each.kind, data[each.name], name)
        elif each.required:
            raise WrongError(f"{name} is missing")
    return kind(**given)


def _annotated(kind: Any, data: Any, where: str) -> Any:
    plain, *notes = get_args(kind)
    least = next((note.value for note in notes if isinstance(note, Least)), None)
    if least is None:
        return _value(plain, data, where)
    number = isinstance(data, int | float if plain is float else int) and not isinstance(data, bool)
    if not number or not math.isfinite(data) or data < least:
        what = "zero" if least == 0 else f"{least:g}"
        raise WrongError(f"{where} is {data!r:.60}, no number of {what} or more")
    return data


def _union(kinds: Sequence[Any], data: Any, where: str) -> Any:
    """Of the first kind that fits."""
    if data is None and types.NoneType in kinds:
        return None
    some = [kind for kind in kinds if kind is not types.NoneType]
    for kind in some[:-1]:
        with suppress(WrongError):
            return _value(kind, data, where)
    try:
        return _value(some[-1], data, where)
    except WrongError as error:
        raise WrongError(f"{error}, or null" if len(some) < len(kinds) else str(error)) from None


def _plain(kind: type, data: Any, where: str) -> Any:
    fits = isinstance(data, int | float if kind is float else kind)
    if not fits or (isinstance(data, bool) and kind is not bool):
        raise WrongError(f"{where} is {data!r:.60}, not {kind.__name__}")
    return data


def _list(data: Any, where: str) -> Sequence[Any]:
    if not isinstance(data, list | tuple):
        raise WrongError(f"{where} is {data!r:.60}, not list")
    return data


def _mapping(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise WrongError(f"{where} is {data!r:.60}, not Mapping" if where else "it is no JSON object")
    return data
