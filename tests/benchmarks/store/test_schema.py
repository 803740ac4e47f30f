"""The form of a record stands in the tree as a JSON Schema; it is what the types give, and every record fits it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from synthetic import behaviour, effect

from benchmarks.codec import encode
from benchmarks.store import form, records, schema

TRACKED = sorted(path for folder in (records.REFERENCE, records.CROSSCHECK) for path in folder.glob("*.json"))


@pytest.fixture(scope="module")
def judge() -> Draft202012Validator:
    held = json.loads(schema.FILE.read_text("utf-8"))
    Draft202012Validator.check_schema(held)
    return Draft202012Validator(held, format_checker=FormatChecker())


def test_the_file_in_the_tree_is_what_the_types_give() -> None:
    assert schema.FILE.read_text("utf-8") == schema.text(), "python -m benchmarks.store.schema"


@pytest.mark.parametrize("path", TRACKED, ids=[f"{path.parent.name}/{path.stem}" for path in TRACKED])
def test_every_tracked_record_fits_it(path: Path, judge: Draft202012Validator) -> None:
    data = json.loads(path.read_text("utf-8"))
    assert [error.message[:200] for error in judge.iter_errors(data)] == []


def stripped(value: Any) -> Any:
    """Without what is null, which a record may also leave out."""
    if isinstance(value, dict):
        return {name: stripped(each) for name, each in value.items() if each is not None}
    return [stripped(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", TRACKED, ids=[f"{path.parent.name}/{path.stem}" for path in TRACKED])
def test_what_the_types_read_of_a_record_they_write_again(path: Path) -> None:
    data = json.loads(path.read_text("utf-8"))
    assert stripped(encode(form.read(data))) == stripped(data)


def spoilt() -> Iterator[tuple[str, dict[str, Any]]]:
    whole = effect()
    for name, change in {
        "a name that nobody knows": lambda data: data["blocks"][0]["trials"][0].update(speed=3),
        "a count below zero": lambda data: data["blocks"][0]["trials"][0].update(requests=-1),
        "half a request": lambda data: data["blocks"][0]["trials"][0].update(requests=0.5),
        "no arm": lambda data: data["blocks"][0]["trials"][0].pop("arm"),
        "another format": lambda data: data.update(format=2),
        "a kind of its own": lambda data: data.update(kind="rumour"),
        "better by feeling": lambda data: data["experiment"].update(better="nicer"),
    }.items():
        data = copy.deepcopy(whole)
        change(data)
        yield name, data


@pytest.mark.parametrize(("name", "data"), list(spoilt()), ids=[name for name, _ in spoilt()])
def test_what_is_no_record_does_not_fit(name: str, data: dict[str, Any], judge: Draft202012Validator) -> None:
    assert judge.is_valid(effect()) and judge.is_valid(behaviour())
    assert not judge.is_valid(data)
