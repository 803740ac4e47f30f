"""What a campaign found: false alarms, and the share of known effects that were seen. Computed each time, never stored.

Found, by this book's harness, means that the 95 % interval of the ratio lies on the right side of 1. Plain Locust has no
interval: its two numbers differ always. So it is given the threshold that its own A/A runs ask for, the difference that 95 %
of them stay below, and has found an effect when the difference is larger and points the right way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge import metrics
from benchmarks.judge.statistics import ratio_interval
from benchmarks.judge.verdict import outcome
from benchmarks.tables import Table
from benchmarks.trust.campaign import TOOLS
from benchmarks.trust.power import MATTERS, METRICS, PLAIN
from benchmarks.trust.share import Clustered, Share

if TYPE_CHECKING:
    from benchmarks.trust.campaign import Campaign, Run, Task, Tool

ENOUGH = 20  # A/A runs of plain Locust below which their 95 % limit says nothing
OFTEN = 0.9  # share of runs in which an effect is found that counts as found


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """A/A comparisons of one metric.

    excluded  the interval leaves 1 out
    claimed   the rule of the verdict sees an effect that matters
    plain     plain Locust's two numbers differ by as much as would matter
    """

    metric: str
    excluded: Share
    claimed: Share
    plain: Share


@dataclass(frozen=True, kw_only=True)
class Found:
    """How often an effect of one size was found in one metric.

    share   None for plain Locust without enough A/A runs to know its threshold
    verdict share of runs whose verdict, by the book's rule, is that the effect is there and matters; None for plain Locust
    ratio   geometric mean of what was measured
    void    runs without a counted block, which count as not found
    truth   what was used, as a ratio of the CPU time a request that the same runs measured
    """

    tool: Tool
    metric: str
    effect: float
    share: Share | None
    verdict: Share | None
    ratio: float
    truth: float
    void: int


def alarms(campaign: Campaign) -> list[Alarms]:
    """One entry a metric."""
    ours, plain = _of(campaign, "ours", 0.0), _of(campaign, "plain", 0.0)
    return [_alarms(metric, _ratios(ours, metric), _ratios(plain, metric)) for metric in METRICS]


def together(campaign: Campaign) -> tuple[Clustered, Clustered]:
    """Intervals without 1, and verdicts that it matters, over all metrics: a share a session, whose blocks they have in common."""
    sessions: dict[Task, list[Run]] = {}
    for run in _of(campaign, "ours", 0.0):
        sessions.setdefault(run.task, []).append(run)
    found = [[_alarms(metric, _ratios(runs, metric), []) for metric in METRICS] for runs in sessions.values()]
    return (
        Clustered(shares=[_sum([each.excluded for each in session]) for session in found]),
        Clustered(shares=[_sum([each.claimed for each in session]) for session in found]),
    )


def _sum(shares: Sequence[Share]) -> Share:
    return Share(count=sum(each.count for each in shares), of=sum(each.of for each in shares))


def found(campaign: Campaign) -> list[Found]:
    """One entry for each tool, metric and effect that was run."""
    effects = sorted({run.effect for run in campaign.runs if run.effect})
    entries = []
    for metric in PLAIN:
        limit = threshold(campaign, metric)
        for effect in effects:
            for tool in TOOLS:
                runs = _of(campaign, tool, effect)
                if any(run.comparison.ratios.get(metric) for run in runs):
                    entries.append(_found(tool, metric, effect, runs, limit))
    return entries


def threshold(campaign: Campaign, metric: str) -> float | None:
    """The difference, as the logarithm of a ratio, that 95 % of plain Locust's A/A runs stay below; None with too few."""
    sizes = sorted(abs(math.log(ratios[0])) for ratios in _ratios(_of(campaign, "plain", 0.0), metric))
    return sizes[math.ceil(0.95 * len(sizes)) - 1] if len(sizes) >= ENOUGH else None


def smallest(entries: Sequence[Found], tool: Tool, metric: str) -> float | None:
    """The smallest effect that was found nine times in ten, as was every larger one; None where not even the largest was."""
    mine = sorted(
        (each for each in entries if (each.tool, each.metric) == (tool, metric)), key=lambda each: -each.effect
    )
    reached = None
    for each in mine:
        if each.share is None or each.share.value < OFTEN:
            break
        reached = each.effect
    return reached


def seconds(campaign: Campaign, tool: Tool) -> float | None:
    """Mean wall time of a comparison; None where none was made."""
    lengths = [run.seconds for run in campaign.runs if run.task.tool == tool]
    return fmean(lengths) if lengths else None


def alarms_table(campaign: Campaign) -> Table:
    """False alarms by metric, with a line for all of them."""
    entries = alarms(campaign)
    rows = [[metrics.find(each.metric).label, *_alarm_cells(each)] for each in entries]
    excluded, claimed = together(campaign)
    rows.append(["all", "", str(excluded), str(claimed), ""])
    header = [
        "metric",
        "matters",
        "interval without 1",
        "verdict: it matters",
        "plain Locust differs by that much",
    ]
    runs = _of(campaign, "ours", 0.0)
    note = (
        f"{words.counted(len(runs), 'pair')} of equal arms in {words.counted(excluded.runs, 'session')}, "
        f"{words.counted(excluded.of, 'comparison')}, one of each metric a pair. In brackets 95 % intervals. Within a session the "
        "pairs and the metrics share their blocks, so the intervals of the last line take the session as the unit."
    )
    if empty := sum(not run.comparison.ratios for run in runs):
        note += f" {words.counted(empty, 'pair')} had no block that counts."
    return Table(header=header, rows=rows, note=note)


def power_table(campaign: Campaign) -> Table:
    """Known effects by metric: how often each was found, by this harness and by plain Locust."""
    entries = found(campaign)
    rows = []
    for each in entries:
        if each.tool == "plain":
            continue
        beside = [o for o in entries if (o.tool, o.metric, o.effect) == ("plain", each.metric, each.effect)]
        rows.append(
            [
                metrics.find(each.metric).label,
                f"+{100 * each.effect:.0f} %",
                f"+{100 * (each.truth - 1):.1f} %",
                f"{100 * (each.ratio - 1):+.1f} %",
                f"{each.share}{f', {each.void} void' if each.void else ''}",
                str(each.verdict),
                str(beside[0].share) if beside and beside[0].share else "not known",
            ]
        )
    limits = [(metrics.find(metric).label, threshold(campaign, metric)) for metric in PLAIN]
    header = ["metric", "meant", "used", "measured", "found", "verdict: it matters", "found by plain Locust"]
    lengths = [("This harness", seconds(campaign, "ours")), ("plain Locust", seconds(campaign, "plain"))]
    note = ", ".join(
        f"{name} took {length:.0f} s a comparison of two arms" for name, length in lengths if length is not None
    )
    known = [f"{label} {100 * math.expm1(limit):.1f} %" for label, limit in limits if limit is not None]
    if known:
        note += f". The thresholds of plain Locust: {', '.join(known)}"
    return Table(header=header, rows=rows, note=f"{note}." if note else "")


def _alarm_cells(each: Alarms) -> list[str]:
    return [f"{100 * MATTERS[each.metric]:.0f} %", str(each.excluded), str(each.claimed), str(each.plain)]


def _alarms(metric: str, ours: Sequence[Sequence[float]], plain: Sequence[Sequence[float]]) -> Alarms:
    intervals = [ratio_interval(each) for each in ours if len(each) > 1]
    far = sum(abs(math.log(ratios[0])) >= math.log1p(MATTERS[metric]) for ratios in plain)
    excluded = sum(not (i.low or 0) <= 1 <= (i.high or math.inf) for i in intervals)
    claimed = sum(outcome(i, MATTERS[metric]) in ("favours", "opposes") for i in intervals)
    n = len(intervals)
    return Alarms(
        metric=metric,
        excluded=Share(count=excluded, of=n),
        claimed=Share(count=claimed, of=n),
        plain=Share(count=far, of=len(plain)),
    )


def _found(tool: Tool, metric: str, effect: float, runs: Sequence[Run], limit: float | None) -> Found:
    there = [run for run in runs if run.comparison.ratios.get(metric)]  # a void run is one that found nothing
    intervals = [ratio_interval(run.comparison.ratios[metric]) for run in there]
    # used microseconds against milliseconds a request of the first arm
    costs = [run.burn / 1000 / run.comparison.values["cpu_per_request"][0] for run in there]
    share, verdict = None, None
    if tool == "ours":
        share = Share(count=sum((i.low or 0) > 1 for i in intervals), of=len(runs))
        favours = sum(outcome(i, MATTERS[metric]) == "favours" for i in intervals)
        verdict = Share(count=favours, of=len(runs))
    elif limit is not None:
        share = Share(count=sum(math.log(i.estimate) > limit for i in intervals), of=len(runs))
    ratio = math.exp(fmean(math.log(i.estimate) for i in intervals))
    return Found(
        tool=tool,
        metric=metric,
        effect=effect,
        share=share,
        verdict=verdict,
        ratio=ratio,
        truth=1 + fmean(costs),
        void=len(runs) - len(there),
    )


def _of(campaign: Campaign, tool: Tool, effect: float) -> list[Run]:
    return [run for run in campaign.runs if (run.task.tool, run.effect) == (tool, effect)]


def _ratios(runs: Sequence[Run], metric: str) -> list[Sequence[float]]:
    """The ratios of the runs that have this metric."""
    return [run.comparison.ratios[metric] for run in runs if run.comparison.ratios.get(metric)]
