"""What several workers saw in one window, as one generator would have told it."""

from __future__ import annotations

from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING, Any

from benchmarks.load.marks import joined
from benchmarks.trials.histogram import Histogram, merged

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMS = (
    *("users", "users_alive", "behind", "requests", "pages", "unanswered", "bytes"),
    *("in_flight", "in_flight_mean", "held_seconds", "connections", "out_of_files"),
)

Seen = dict[str, Any]  # what one worker answered; `worker` says who it is, and times are on the master's clock


def added(seen: Sequence[Seen]) -> Seen:
    """Counts and histograms are added, over all users. Of the rest:

    begin, end   of the first to begin and of the last to end; seconds: the mean of their own windows
    cpu_seconds  of the busiest processor of the generator, since that is where its limit is
    lateness     of the worst worker, percentile by percentile
    longest_gap  of the worker with the shortest: no longer was everybody without an answer
    """
    return {
        **{name: sum(each[name] for each in seen) for name in SUMS},
        "begin": min(each["begin"] for each in seen),
        "end": max(each["end"] for each in seen),
        "seconds": fmean(each["seconds"] for each in seen),
        "due": None if seen[0]["due"] is None else sum(each["due"] for each in seen),
        "failures": _counted(each["failures"] for each in seen),
        "longest_gap": min(each["longest_gap"] for each in seen),
        **{name: _histogram([each[name] for each in seen]) for name in ("latency", "page_latency", "waiting")},
        "marks": _marks(seen),
        "cpu_seconds": busiest(seen),
        "lateness": {name: max(each["lateness"][name] for each in seen) for name in ("p50", "p99", "max")},
        "warmup": {
            "seconds": fmean(each["warmup"]["seconds"] for each in seen),
            "requests": sum(each["warmup"]["requests"] for each in seen),
            "failures": _counted(each["warmup"]["failures"] for each in seen),
        },
        "workers": [
            {
                **each["worker"],
                "users": each["users"],
                "requests": each["requests"],
                "cpu_seconds": each["cpu_seconds"],
                "lateness": each["lateness"]["p99"],
            }
            for each in seen
        ],
    }


def busiest(seen: Sequence[Seen]) -> float:
    """CPU seconds of the busiest worker; of those held to the same processor, what they used together."""
    used: Counter[Any] = Counter()
    for each in seen:
        worker = each["worker"]
        used[tuple(worker["cpus"]) if worker["cpus"] else worker["pid"], worker["where"]] += each["cpu_seconds"]
    return max(used.values())


def _marks(seen: Sequence[Seen]) -> Any:
    """Each worker counts from the beginning of its own window."""
    first = min(each["begin"] for each in seen)
    parts = [each["marks"] for each in seen]
    return joined(parts, [each["begin"] - first for each in seen]) if all(parts) else None


def _counted(reasons: Any) -> dict[str, int]:
    return dict(sum(map(Counter, reasons), Counter()))


def _histogram(encoded: Sequence[str | None]) -> str | None:
    known = [Histogram(each).decoded for each in encoded if each is not None]
    return merged(known).encoded if known else None
