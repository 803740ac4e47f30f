"""Numbers in prose, taken from the reference record: nobody copies one by hand, and none outlives its record.

{value}`fastcgi-startup ratio`              528 times (95 % interval 161 to 1729)
{value}`fastcgi-startup interval`           161 to 1729
{value}`fastcgi-startup blocks`             10 blocks
{value}`fastcgi-startup CGI`                415 ms: an arm's value, in the metric of the claim
{value}`fastcgi-startup CGI / pss`          the same arm in another metric
{value}`tune-keepalive ratio @ 40`          at a point of a sweep; without it, at the main one
{value}`tune-keepalive boundary`            where a sweep crosses 1, with its interval
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge import metrics, statistics

if TYPE_CHECKING:
    from benchmarks.result.analysis import Analysis
    from benchmarks.result.point import Point
    from benchmarks.store.records import Record

NOTHING = "(not recorded yet)"


class NoValueError(LookupError):
    """The record has no such number; the message says which it has."""


def value(analysis: Analysis, what: str) -> str:
    """The number called `what` in words; raises `NoValueError`."""
    name, _, at = (part.strip() for part in what.partition(" @ "))
    point = _point(analysis, at)
    match name:
        case "ratio":
            return words.times(point.interval)
        case "interval":
            return words.spread(point.interval)
        case "blocks":
            return words.counted(point.interval.n, "block")
        case "boundary":
            return _boundary(analysis)
    arm, _, metric = (part.strip() for part in name.partition(" / "))
    if arm not in point.arms:
        raise NoValueError(f"{what!r}: it has ratio, interval, blocks, boundary, {', '.join(point.arms)}")
    if not metric:
        return words.quantity(point.arms[arm].interval.estimate, analysis.metric.unit)
    return _other(analysis.record, arm, point, metric)


def _point(analysis: Analysis, at: str) -> Point:
    if not at:
        return analysis.main
    found = [point for point in analysis.points if at in (str(point.value), analysis.at(point))]
    if not found:
        raise NoValueError(f"no point {at!r}: it has {', '.join(str(point.value) for point in analysis.points)}")
    return found[0]


def _boundary(analysis: Analysis) -> str:
    interval = analysis.crossing.interval if analysis.crossing else None
    if interval is None:
        # A run on another machine may find none, or an undecided stretch: the sentence must stand all the same
        return "no point that this run could tell"
    unit = str((analysis.record.experiment.get("factor") or {}).get("unit") or "")
    around = f" (95 % interval {words.spread(interval)})" if interval.known else ""
    return f"{words.number(interval.estimate)}{f' {unit}' if unit else ''}{around}"


def _other(record: Record, arm: str, point: Point, name: str) -> str:
    metric = metrics.find(name)
    values = [metric.read(metrics.pool(block.of(arm, point.value))) for block in record.counted]
    return words.quantity(statistics.value_interval(values).estimate, metric.unit)
