"""The JSON Schema of a record, made from its types; the file beside the records is what `text` gives.

After a change to the types: python -m benchmarks.store.schema
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from benchmarks.codec import Format, Least, Word, members
from benchmarks.store import form, records

FILE = records.REFERENCE.parent / "record.schema.json"
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}


def schema() -> dict[str, Any]:
    """Of a record of either kind; what only a program can check, such as that every arm has its trials, is `form.read`'s."""
    defined: dict[str, Any] = {}
    kinds = [_of(kind, defined) for kind in form.KINDS.values()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A record of Deploying Django, Measured",
        "description": "Everything that was measured for one claim, and no verdict.",
        "oneOf": kinds,
        "$defs": dict(sorted(defined.items())),
    }


def text() -> str:
    """As the file holds it."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _of(kind: Any, defined: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(kind)
    if kind is Any:
        return {}
    if origin is Annotated:
        return _annotated(kind, defined)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(each, defined) for each in get_args(kind)]}
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if origin is tuple:
        return {"type": "array", "items": _of(get_args(kind)[0], defined)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of(get_args(kind)[1], defined)}
    if isinstance(kind, type) and issubclass(kind, Word):
        return {"type": "string", "description": _about(kind)}
    if is_dataclass(kind) and isinstance(kind, type):
        return _object(kind, defined)
    return {"type": PLAIN[kind]}


def _object(kind: type, defined: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in defined:
        defined[kind.__name__] = {}  # its place, for a type that holds itself
        fields = members(kind)
        defined[kind.__name__] = {
            "type": "object",
            "description": _about(kind),
            "properties": {each.name: _of(each.kind, defined) for each in fields},
            "required": [each.name for each in fields if each.required],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _annotated(kind: Any, defined: dict[str, Any]) -> dict[str, Any]:
    plain, *notes = get_args(kind)
    found = _of(plain, defined)
    for note in notes:
        match note:
            case Least(value=value):
                found["minimum"] = value
            case Format(name=name):
                found["format"] = name
    return found


def _about(kind: type) -> str:
    """The class's own words, without the line breaks of the source within a paragraph."""
    return "\n".join(line.strip() for line in (kind.__doc__ or "").strip().splitlines())


def main() -> None:
    """Write the file."""
    Path(FILE).write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
