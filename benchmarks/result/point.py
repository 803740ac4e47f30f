"""One point of a claim: the ratio of every block there, the absolute values of its arms, and what the rule says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.judge import metrics, statistics, verdict
from benchmarks.judge.statistics import Interval, UndefinedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.judge.verdict import Judgement, Says
    from benchmarks.trials.block import Block
    from benchmarks.trials.trial import Trial

# None of so many means less than one in a hundred, at 95 % (the rule of three: 3 divided by 300)
FIRM = 300


@dataclass(frozen=True, kw_only=True)
class Arm:
    """The absolute values of one arm: one a block, and their interval."""

    name: str
    deployment: str
    values: Sequence[float]
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Point:
    """One value of the swept factor (None when nothing is swept): a ratio a block, and what the rule says of them."""

    value: Any
    ratios: Sequence[float]
    judgement: Judgement
    arms: Mapping[str, Arm]

    @property
    def interval(self) -> Interval:
        """The ratio over blocks."""
        return self.judgement.interval


def block_ratio(experiment: Mapping[str, Any], trials: Sequence[Trial], point: Any = None) -> float:
    """The ratio of one block at one point, above 1 speaking for the chapter; for showing a run while it goes on."""
    favoured, against = (pooled(trials, experiment[side], point) for side in ("favoured", "against"))
    return metrics.ratio(favoured, against, experiment["metric"], experiment["better"])


def evaluate(experiment: Mapping[str, Any], blocks: Sequence[Block], value: Any, says: Says) -> Point:
    """What the blocks say at one value of the factor. Raises UndefinedError, naming the block that has no ratio there."""
    ratios = []
    for block in blocks:
        try:
            ratios.append(block_ratio(experiment, block.trials, value))
        except UndefinedError as error:
            where = "" if value is None else f", at {words.level(value, experiment['factor'].get('unit'))}"
            raise UndefinedError(f"block {block.number}{where}: {error}") from None
    _enough_for_none(experiment, blocks, value)
    interval = statistics.ratio_interval(ratios, [block.number for block in blocks])
    arms = {}
    for name, arm in experiment["arms"].items():
        values = [metrics.value(pooled(block.trials, name, value), experiment["metric"]) for block in blocks]
        arms[name] = Arm(
            name=name,
            deployment=str(arm.get("deployment", "")),
            values=values,
            interval=statistics.value_interval(values),
        )
    judgement = verdict.judge(interval, matters=experiment["matters"], says=says)
    return Point(value=value, ratios=ratios, judgement=judgement, arms=arms)


def _enough_for_none(experiment: Mapping[str, Any], blocks: Sequence[Block], point: Any) -> None:
    """That neither arm counted anything says little where little was asked."""
    share = metrics.find(experiment["metric"]).share
    if share is None:
        return
    for side in ("favoured", "against"):
        trials = [pooled(block.trials, experiment[side], point) for block in blocks]
        if any(share(trial)[0] for trial in trials):
            return
        asked = sum(share(trial)[1] or trial.requests for trial in trials)
        if asked < FIRM:
            raise UndefinedError(
                f"nothing was counted on either side, and {experiment[side]} was asked only {asked:.0f} times: "
                f"that it is the same takes {FIRM}"
            )


def pooled(trials: Sequence[Trial], arm: str, point: Any) -> Trial:
    """The trials of one arm at one point, taken as one."""
    from benchmarks.trials.block import chosen  # imported here: to import `benchmarks` alone must stay cheap

    return metrics.pool(chosen(trials, arm, point))
