"""The same comparison again and again: how often do two runs of it agree? From a campaign, for both tools.

This book's harness says what the rule of the verdict says. Plain Locust has two numbers, so it says that one is larger by
as much as matters, or not. "undecided" is no answer: it agrees with nothing, and contradicts nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from benchmarks.judge import metrics
from benchmarks.judge.statistics import ratio_interval
from benchmarks.judge.verdict import outcome
from benchmarks.tables import Table
from benchmarks.trust.campaign import TOOLS
from benchmarks.trust.power import MATTERS, PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.trust.campaign import Campaign, Run, Tool

SAID = {"favours": "worse", "no difference": "no difference", "opposes": "better", "open": "undecided"}
UNDECIDED = SAID["open"]


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """What the runs of one comparison said of its second arm.

    effect   what the second arm used more, as a share of what a request costs
    answers  one a run, of `SAID`, with the number of its session
    """

    tool: Tool
    metric: str
    effect: float
    answers: Sequence[tuple[int, str]]

    @property
    def said(self) -> dict[str, int]:
        """Answer -> how many runs gave it, in the order of `SAID`."""
        counts = Counter(answer for _session, answer in self.answers)
        return {answer: counts[answer] for answer in SAID.values() if counts[answer]}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What two runs said, for all pairs of two sessions: within one the runs share their blocks."""
        both = combinations(self.answers, 2)
        return [(one, other) for (here, one), (there, other) in both if here != there]

    @property
    def agreeing(self) -> int:
        """Pairs that gave the same answer."""
        return sum(one == other != UNDECIDED for one, other in self.pairs)

    @property
    def contradicting(self) -> int:
        """Pairs that gave two answers of which one must be wrong."""
        return sum(one != other and UNDECIDED not in (one, other) for one, other in self.pairs)


def repeats(campaign: Campaign) -> list[Repeats]:
    """One entry for each metric that Locust has, each effect and tool."""
    effects = sorted({run.effect for run in campaign.runs})
    return [_repeats(tool, metric, effect, campaign.runs) for metric in PLAIN for effect in effects for tool in TOOLS]


def table(found: Sequence[Repeats]) -> Table:
    """One row a metric and effect; one for all of them."""
    rows = []
    for metric, effect in dict.fromkeys((each.metric, each.effect) for each in found):
        by_tool = {each.tool: each for each in found if (each.metric, each.effect) == (metric, effect)}
        cells = [cell for tool in TOOLS for cell in (_said(by_tool[tool]), *_shares([by_tool[tool]]))]
        rows.append([metrics.find(metric).label, f"+{100 * effect:.0f} %" if effect else "none", *cells])
    totals = [cell for tool in TOOLS for cell in ("", *_shares([each for each in found if each.tool == tool]))]
    rows.append(["all", "", *totals])
    both = ["two runs agree", "contradict"]
    return Table(
        header=["metric", "effect", "this harness said", *both, "plain Locust said", *both],
        rows=rows,
        note=(
            "Of all pairs of runs of one comparison, of two sessions, those that gave the same answer, and those that gave two of which one "
            "must be wrong. The rest holds an undecided one."
        ),
    )


def _repeats(tool: Tool, metric: str, effect: float, runs: Sequence[Run]) -> Repeats:
    mine = [run for run in runs if (run.task.tool, run.effect) == (tool, effect)]
    sessions = {task: number for number, task in enumerate(dict.fromkeys(run.task for run in mine))}
    answers = [(sessions[run.task], _answer(run.comparison.ratios.get(metric, ()), metric)) for run in mine]
    return Repeats(tool=tool, metric=metric, effect=effect, answers=answers)


def _answer(ratios: Sequence[float], metric: str) -> str:
    """A run without a counted block is undecided; a single ratio is taken at its word, as plain Locust's is."""
    matters = MATTERS[metric]
    if not ratios:
        return UNDECIDED
    if len(ratios) > 1:
        return SAID[outcome(ratio_interval(ratios), matters)]
    if ratios[0] >= 1 + matters:
        return SAID["favours"]
    return SAID["opposes"] if ratios[0] <= 1 / (1 + matters) else SAID["no difference"]


def _said(each: Repeats) -> str:
    return ", ".join(f"{count} {answer}" for answer, count in each.said.items())


def _shares(found: Sequence[Repeats]) -> list[str]:
    pairs = sum(len(each.pairs) for each in found)
    counts = sum(each.agreeing for each in found), sum(each.contradicting for each in found)
    return [f"{count / pairs:.0%}" if pairs else "not known" for count in counts]
