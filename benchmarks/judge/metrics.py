"""What a trial is judged by: numbers computed from its raw counts, never stored.

A trial's latencies are a histogram of all its answers, so a percentile is read from all of them. Several trials of one arm
in a block are pooled (counts added, histograms merged) before anything is divided: a mean of ratios would weigh a short
trial like a long one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from benchmarks.judge import starved
from benchmarks.judge.statistics import UndefinedError
from benchmarks.trials import histogram, roles
from labs.errors import LabError

if TYPE_CHECKING:
    from benchmarks.trials.trial import Trial

Better = Literal["lower", "higher"]

_SUMS = ("seconds", "requests", "pages", "unanswered", "users", "cpu_seconds", "generator_cpu_seconds", "bytes")


class UnknownMetricError(LabError):
    """No metric has this name; the message offers the nearest."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of a trial.

    label   as it stands on an axis; `short` in the head of a column
    unit    "ms", "MB" (a million bytes), "pages/s", or "" for a share
    read    computes it; raises `UndefinedError` when the trial has nothing to divide by
    share   for a share: its (count, total); for a bare count, with a total of 0. Counts can be zero, and then a ratio of
            them does not exist, so ratios use (count + 1/2) / (total + 1), the usual correction for rare counts; the
            number itself is shown as counted
    """

    name: str
    label: str
    short: str
    unit: str
    better: Better
    read: Callable[[Trial], float]
    share: Callable[[Trial], tuple[float, float]] | None = None

    def for_ratio(self, trial: Trial) -> float:
        """The number that goes into a ratio: above zero wherever the metric allows it."""
        if self.share is None:
            return self.read(trial)
        count, total = self.share(trial)
        return (count + 0.5) / (total + 1)


def value(trial: Trial, metric: str) -> float:
    """One number of one trial, in the metric's unit."""
    return find(metric).read(trial)


def ratio(favoured: Trial, against: Trial, metric: str, better: Better | None = None) -> float:
    """The ratio of two trials, turned so that above 1 speaks for the favoured arm. Raises `UndefinedError` without one."""
    chosen = find(metric)
    if chosen.share and not chosen.share(favoured)[0] and not chosen.share(against)[0]:
        return 1.0  # nothing counted on either side: the correction for rare counts would compare the totals
    top, bottom = chosen.for_ratio(against), chosen.for_ratio(favoured)
    if (better or chosen.better) == "higher":
        top, bottom = bottom, top
    if not (top > 0 and bottom > 0):
        raise UndefinedError(f"{chosen.label} is {min(top, bottom):g} in one arm, so there is no ratio")
    return top / bottom


def pool(trials: Sequence[Trial]) -> Trial:
    """Several trials of one arm as one: counts and times added, histograms merged, memory the largest seen."""
    if len(trials) == 1:
        return trials[0]
    reasons = sorted({reason for trial in trials for reason in trial.failures})
    gaps = [trial.longest_gap for trial in trials if trial.longest_gap is not None]
    return replace(
        trials[0],
        **{name: sum(getattr(trial, name) for trial in trials) for name in _SUMS},
        pss_bytes=max(trial.pss_bytes for trial in trials),
        failures={reason: sum(trial.failures.get(reason, 0) for trial in trials) for reason in reasons},
        longest_gap=max(gaps) if len(gaps) == len(trials) else trials[0].longest_gap,
        due=None if trials[0].due is None else sum(trial.due or 0 for trial in trials),
        latency=histogram.merged([starved.latencies(trial) for trial in trials]),
        servers=roles.pooled(trial.servers for trial in trials),
        machines=roles.pooled(trial.machines for trial in trials),
        carriers=None,
        waiting=None,  # those who had no answer are among the latencies now
    )


def find(name: str) -> Metric:
    """The metric of this name; raises `UnknownMetricError` with near names."""
    if name in METRICS:
        return METRICS[name]
    near = difflib.get_close_matches(name, METRICS, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(METRICS)}."
    raise UnknownMetricError(f"There is no metric {name!r}: {hint}")


def _per(top: str, bottom: str, factor: float = 1.0) -> Callable[[Trial], float]:
    def read(trial: Trial) -> float:
        divisor = float(getattr(trial, bottom))
        if not divisor:
            raise UndefinedError(
                f"arm {trial.arm!r} has no {bottom} in its window: it is shorter than the pauses, or than one answer takes"
            )
        return factor * float(getattr(trial, top)) / divisor

    return read


def _percentile(percentile: float) -> Callable[[Trial], float]:
    def read(trial: Trial) -> float:
        microseconds = starved.percentile(trial, percentile)
        if microseconds is None:
            raise UndefinedError(f"arm {trial.arm!r} gave no answer in its window")
        return microseconds / 1000

    return read


def _unanswered(trial: Trial) -> tuple[float, float]:
    """Of the users; with a schedule, of the requests that were due."""
    return float(trial.unanswered), float(trial.users if trial.due is None else trial.due)


def _failed(trial: Trial) -> tuple[float, float]:
    return float(trial.failed), float(trial.ended)


def _of_act(trial: Trial, number: float | None) -> float:
    """A number that says something only where something happened to the arm's servers, the same in every window."""
    if number is None or trial.act_seconds is None:
        raise UndefinedError(f"nothing was done to arm {trial.arm!r} in its window")
    return number


def _share(count: float, total: float) -> float:
    if not total:
        raise UndefinedError("no request ended in the window")
    return count / total


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="cpu_per_request",
            label="CPU time a request",
            short="CPU/request",
            unit="ms",
            better="lower",
            read=_per("cpu_seconds", "requests", 1000),
        ),
        Metric(
            name="cpu_per_page",
            label="CPU time a page",
            short="CPU/page",
            unit="ms",
            better="lower",
            read=_per("cpu_seconds", "pages", 1000),
        ),
        Metric(
            name="pages_per_second",
            label="pages a second",
            short="rate",
            unit="pages/s",
            better="higher",
            read=_per("pages", "seconds"),
        ),
        Metric(
            name="latency_p50",
            label="median time to answer",
            short="p50",
            unit="ms",
            better="lower",
            read=_percentile(50),
        ),
        Metric(
            name="latency_p95",
            label="time to answer, 95th percentile",
            short="p95",
            unit="ms",
            better="lower",
            read=_percentile(95),
        ),
        Metric(
            name="latency_p99",
            label="time to answer, 99th percentile",
            short="p99",
            unit="ms",
            better="lower",
            read=_percentile(99),
        ),
        Metric(
            name="pss",
            label="memory (PSS)",
            short="PSS",
            unit="MB",
            better="lower",
            read=lambda trial: trial.pss_bytes / 1e6,
        ),
        Metric(
            name="unanswered",
            label="share without an answer",
            short="unanswered",
            unit="",
            better="lower",
            read=lambda trial: _share(*_unanswered(trial)),
            share=_unanswered,
        ),
        Metric(
            name="failed",
            label="requests that fail",
            short="failed",
            unit="",
            better="lower",
            read=lambda trial: _share(*_failed(trial)),
            share=_failed,
        ),
        Metric(
            name="lost",
            label="failures in the window",
            short="lost",
            unit="requests",
            better="lower",
            read=lambda trial: _of_act(trial, _failed(trial)[0]),
            share=lambda trial: (_of_act(trial, _failed(trial)[0]), 0.0),
        ),
        Metric(
            name="longest_gap",
            label="longest time without an answer",
            short="longest gap",
            unit="ms",
            better="lower",
            read=lambda trial: 1000 * _of_act(trial, trial.longest_gap),
        ),
    )
}
