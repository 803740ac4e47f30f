"""Users who got no answer in the window, in the latencies too.

A closed workload hides them: who waits in the accept queue sends nothing more, so a server that serves ten of forty users
well has fine percentiles. Where requests have a due time (`scheduled`) nothing is hidden. Where they have none, each of those
users counts here as if others had gone on asking in his place as often as the served ones do: a wait of 10 s, where these
ask once a second, counts as 10, 9, 8 … s. It is Gil Tene's correction of a histogram for coordinated omission, with the
interval taken from the trial itself. It is computed, never stored, so older records are read by the same rule.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hdrh.histogram import HdrHistogram


def latencies(trial: Mapping[str, Any]) -> HdrHistogram:
    """Of everybody who asked, in microseconds. The caller must not change it."""
    return _latencies(*_parts(trial))


def percentile(trial: Mapping[str, Any], which: float) -> float | None:
    """Of everybody who asked, in microseconds; None where nobody did."""
    return _percentile(which, *_parts(trial))


def merged(histograms: Sequence[HdrHistogram]) -> str:
    """Several as one, as a record holds it."""
    whole = type(histograms[0]).decode(histograms[0].encode())
    for each in histograms[1:]:
        whole.add(each)
    encoded = whole.encode()
    return encoded.decode("ascii") if isinstance(encoded, bytes) else str(encoded)


def told(trials: Sequence[Mapping[str, Any]]) -> str:
    """How many had no answer, over several trials: "30 of 40 users had no answer"; empty where everybody had one."""
    missing = sum(trial["unanswered"] for trial in trials)
    if not missing:
        return ""
    due = trials[0].get("due") is not None
    asked = sum(trial["due" if due else "users"] for trial in trials)
    return f"{missing} of {asked} {'requests' if due else 'users'} had no answer"


def counted_in(trials: Sequence[Mapping[str, Any]]) -> str:
    """What a latency of these trials stands for, where an arm had unanswered users; else empty."""
    arms = {arm: told([trial for trial in trials if trial["arm"] == arm]) for arm in [t["arm"] for t in trials]}
    return "; ".join(f"{arm}: {missing}, their waiting is counted in" for arm, missing in arms.items() if missing)


@lru_cache(maxsize=4096)
def decode(encoded: str) -> HdrHistogram:
    """A histogram of a record."""
    from hdrh.histogram import HdrHistogram  # imported here: only who reads a record pays for it

    return HdrHistogram.decode(encoded)


def _parts(trial: Mapping[str, Any]) -> tuple[str, str | None, int, float, float]:
    """The answers, and what there is to add: ages, of how many users, how often one would have asked, the window's length."""
    if trial.get("due") is not None or not trial["unanswered"] or not trial.get("waiting"):
        return trial["latency"], None, 0, 0.0, 0.0
    served = trial["users"] - trial["unanswered"]
    interval = 1e6 * served * trial["seconds"] / trial["requests"] if trial["requests"] else float("inf")
    return trial["latency"], trial["waiting"], trial["unanswered"], interval, 1e6 * trial["seconds"]


@lru_cache(maxsize=4096)  # a report asks for the same few percentiles again and again
def _percentile(which: float, *parts: Any) -> float | None:
    seen = _latencies(*parts)
    return float(seen.get_value_at_percentile(which)) if seen.get_total_count() else None


@lru_cache(maxsize=1024)
def _latencies(latency: str, waiting: str | None, unanswered: int, interval: float, window: float) -> HdrHistogram:
    whole = decode(latency)
    if waiting is None:
        return whole
    copy = type(whole).decode(latency)
    left = unanswered
    for item in sorted(decode(waiting).get_recorded_iterator(), key=lambda each: -each.value_iterated_to):
        count = min(left, item.count_at_value_iterated_to)  # the longest waits: the others are just being served
        if count:
            # Who waits since the warm-up counts for the window alone, as those do who are served in it.
            copy.record_corrected_value(min(item.value_iterated_to, window), interval, count)
        left -= count
    return copy
