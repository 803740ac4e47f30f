"""For "holds when": the condition in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.judge.statistics import Crossing
    from benchmarks.result.point import Point


def condition(factor: Mapping[str, Any], points: Sequence[Point], crossing: Crossing | None) -> str:
    """Such as "the time a page waits is above 4 ms", from the verdicts at the points and where both sides are even."""
    holds = [point.value for point in points if point.judgement.name == "holds"]
    fails = [point.value for point in points if point.judgement.name == "no longer holds"]
    label, unit = str(factor["label"]), str(factor.get("unit") or "")
    label = label if label.startswith(("the ", "a ", "what ", "how ")) else f"the {label}"
    after = f" {unit}" if unit else ""
    if all(words.numeric(value) for value in [*holds, *fails]):
        rising = max(fails) < min(holds)
        if rising or max(holds) < min(fails):
            side = "above" if rising else "below"
            inner, outer = (max(fails), min(holds)) if rising else (max(holds), min(fails))
            where = crossing.interval.estimate if crossing and crossing.interval else None
            # A boundary at 1 that lies outside the two points which the rule tells apart would contradict them.
            if where is not None and inner <= where <= outer:
                return f"{label} is {side} about {words.coarse(where)}{after}"
            return f"{label} is {side} a boundary between {words.number(inner)} and {words.number(outer)}{after}"
    return f"{label} is {words.listed((words.level(value, unit) for value in holds), 'or')}"
