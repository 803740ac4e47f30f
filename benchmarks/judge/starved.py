"""Users who got no answer in the window, in the latencies too.

A closed workload hides them: who waits in the accept queue sends nothing more, so a server that serves ten of forty users
well has fine percentiles. Where requests have a due time (`scheduled`) nothing is hidden. Where they have none, each of those
users counts here as if others had gone on asking in their place as often as the served ones do: a wait of 10 s, where these
ask once a second, counts as 10, 9, 8 … s. It is Gil Tene's correction of a histogram for coordinated omission, with the
interval taken from the trial itself. It is computed, never stored, so older records are read by the same rule.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks.trials import histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hdrh.histogram import HdrHistogram

    from benchmarks.trials.histogram import Histogram
    from benchmarks.trials.trial import Trial


class Asked(Protocol):
    """What tells how long people waited: a trial has it, and so has the load before it is one (`load.outcome`)."""

    @property
    def seconds(self) -> float: ...

    @property
    def users(self) -> int: ...

    @property
    def requests(self) -> int: ...

    @property
    def unanswered(self) -> int: ...

    @property
    def due(self) -> int | None: ...

    @property
    def latency(self) -> Histogram: ...

    @property
    def waiting(self) -> Histogram | None: ...


def latencies(trial: Asked) -> HdrHistogram:
    """Of everybody who asked, in microseconds. The caller must not change it."""
    return _latencies(*_parts(trial))


def percentile(trial: Asked, which: float) -> float | None:
    """Of everybody who asked, in microseconds; None where nobody did."""
    return _percentile(which, *_parts(trial))


def without_answer(trials: Sequence[Trial]) -> str:
    """How many had no answer, over several trials: "30 of 40 users had no answer"; empty where everybody had one."""
    missing = sum(trial.unanswered for trial in trials)
    if not missing:
        return ""
    if trials[0].due is not None:
        return f"{missing} of {sum(trial.due or 0 for trial in trials)} requests had no answer"
    return f"{missing} of {sum(trial.users for trial in trials)} users had no answer"


def counted_in(trials: Sequence[Trial]) -> str:
    """What a latency of these trials stands for, where an arm had unanswered users; else empty."""
    arms = {each.arm: without_answer([trial for trial in trials if trial.arm == each.arm]) for each in trials}
    return "; ".join(f"{arm}: {missing}, their waiting is counted in" for arm, missing in arms.items() if missing)


def _parts(trial: Asked) -> tuple[Histogram, Histogram | None, int, float, float]:
    """The answers, and what there is to add: ages, of how many users, how often one would have asked, the window's length."""
    if trial.due is not None or not trial.unanswered or not trial.waiting:
        return trial.latency, None, 0, 0.0, 0.0
    served = trial.users - trial.unanswered
    interval = 1e6 * served * trial.seconds / trial.requests if trial.requests else float("inf")
    return trial.latency, trial.waiting, trial.unanswered, interval, 1e6 * trial.seconds


@lru_cache(maxsize=4096)  # a report asks for the same few percentiles again and again
def _percentile(which: float, *parts: Any) -> float | None:
    return histogram.percentile(_latencies(*parts), which)


@lru_cache(maxsize=1024)
def _latencies(
    latency: Histogram, waiting: Histogram | None, unanswered: int, interval: float, window: float
) -> HdrHistogram:
    whole = latency.decoded
    if waiting is None:
        return whole
    copy = type(whole).decode(latency.encoded)
    left = unanswered
    for item in sorted(waiting.decoded.get_recorded_iterator(), key=lambda each: -each.value_iterated_to):
        count = min(left, item.count_at_value_iterated_to)  # the longest waits: the others are just being served
        if count:
            # Who waits since the warm-up counts for the window alone, as those do who are served in it.
            copy.record_corrected_value(min(item.value_iterated_to, window), interval, count)
        left -= count
    return copy
