"""The form of a record (format 1), checked: what must be there, and of which kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

FORMAT = 1
_NUMBERS = (
    "seconds",
    "requests",
    "pages",
    "unanswered",
    "users",
    "cpu_seconds",
    "generator_cpu_seconds",
    "pss_bytes",
    "bytes",
)


class WrongError(ValueError):
    """What is wrong, before it is known of which file: a part of a sentence."""


class NewerError(WrongError):
    """The record is of a format that only a newer version reads."""


def check(data: Any) -> None:
    """Raises `WrongError` at the first place where `data` is no record."""
    if not isinstance(data, Mapping):
        raise WrongError("it is no JSON object")
    found = data.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise NewerError(f"format is {found}, of a newer version; this one reads {FORMAT}")
    if found != FORMAT:
        older = ", of an older version" if isinstance(found, int) else ""
        raise WrongError(f"format is {found!r}{older}; this one reads {FORMAT}")
    for key in ("id", "profile", "recorded_at"):
        _is(data, key, str)
    _is(data, "versions", Mapping)
    _is(data, "fingerprint", Mapping)
    if "site" in data:  # of the reader's own; without it a record is of the newsroom
        for key in ("settings", "page"):
            _is(_is(data, "site", Mapping), key, str, "site")
    try:
        datetime.fromisoformat(data["recorded_at"])
    except ValueError:
        raise WrongError(f"recorded_at is no time: {data['recorded_at']!r}") from None
    match data.get("kind"):
        case "effect":
            _effect(data)
        case "behaviour":
            _behaviour(data)
        case kind:
            raise WrongError(f"kind is {kind!r}, neither 'effect' nor 'behaviour'")


def _behaviour(data: Mapping[str, Any]) -> None:
    _is(data, "holds", bool)
    for number, entry in enumerate(_is(data, "checks", list)):
        where = f"checks[{number}]"
        for key in ("what", "expected", "seen"):
            _is(entry, key, str, where)
        _is(entry, "ok", bool, where)


def _effect(data: Mapping[str, Any]) -> None:
    if "short" in data:  # blocks of the shape of a smoke run, which one is held against (`benchmarks.result.held`)
        short = _is(data, "short", Mapping)
        for key in ("profile", "recorded_at"):
            _is(short, key, str, "short")
        _is(short, "windows", Mapping, "short")
        try:
            _blocks(short)
        except WrongError as wrong:
            raise WrongError(f"short.{wrong}") from None
    _blocks(data)


def _blocks(data: Mapping[str, Any]) -> None:
    experiment = _is(data, "experiment", Mapping)
    arms = _is(experiment, "arms", Mapping, "experiment")
    for key in ("favoured", "against"):
        if experiment.get(key) not in arms:
            raise WrongError(f"experiment.{key} is {experiment.get(key)!r}, none of the arms {', '.join(arms)}")
    for key in ("metric", "better", "regime"):
        _is(experiment, key, str, "experiment")
    if not isinstance(experiment.get("matters"), int | float):
        raise WrongError(f"experiment.matters is {experiment.get('matters')!r}, no number")
    factor = experiment.get("factor")
    points = [None] if factor is None else _is(factor, "values", list, "experiment.factor")
    for index, block in enumerate(_is(data, "blocks", list)):
        where = f"blocks[{index}]"
        _is(block, "number", int, where)
        _is(block, "order", list, where)
        if not isinstance(block.get("void", ""), str | None):
            raise WrongError(f"{where}.void must be null or a reason")
        seen = [
            _trial(trial, f"{where}.trials[{place}]", arms, points)
            for place, trial in enumerate(_is(block, "trials", list, where))
        ]
        if block["void"] is None and (
            lacking := [(arm, point) for arm in arms for point in points if (arm, point) not in seen]
        ):
            arm, point = lacking[0]
            raise WrongError(f"{where} has no trial of arm {arm!r}{'' if point is None else f' at {point}'}")


def _trial(trial: Any, where: str, arms: Mapping[str, Any], points: Sequence[Any]) -> tuple[str, Any]:
    if _is(trial, "arm", str, where) not in arms:
        raise WrongError(f"{where}.arm is {trial['arm']!r}, none of the arms {', '.join(arms)}")
    if trial.get("point") not in points:
        raise WrongError(f"{where}.point is {trial.get('point')!r}, no value of the sweep")
    for key in _NUMBERS:
        number = trial.get(key)
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number) or number < 0:
            raise WrongError(f"{where}.{key} is {number!r}, no number of zero or more")
    _is(trial, "latency", str, where)
    _is(trial, "failures", Mapping, where)
    _is(trial, "phases", Mapping, where)
    return trial["arm"], trial.get("point")


def _is(data: Any, key: str, kind: Any, where: str = "") -> Any:
    name = f"{where}.{key}" if where else key
    if not isinstance(data, Mapping) or key not in data:
        raise WrongError(f"{name} is missing")
    if not isinstance(data[key], kind) or (kind is int and isinstance(data[key], bool)):
        raise WrongError(f"{name} is {data[key]!r:.60}, not {getattr(kind, '__name__', kind)}")
    return data[key]
