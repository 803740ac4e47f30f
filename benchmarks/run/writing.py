"""A run as its record holds it (format 1, `benchmarks.store.records`)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from benchmarks.codec import encode
from benchmarks.host.source import code
from benchmarks.run.limiter import limiter, over_points
from benchmarks.run.limits import limits
from benchmarks.trials.block import chosen

if TYPE_CHECKING:
    from benchmarks.run.run import Run


def written(run: Run) -> dict[str, Any]:
    """The record as the run stands now; a finished run's is complete."""
    experiment, profile, placement = run.experiment, run.profile, run.placement
    return {
        "format": 1,
        "id": experiment.claim,
        "kind": "effect",
        "profile": profile.name,
        "seed": run.seed,
        "recorded_at": run.at.isoformat(timespec="seconds"),
        "commit": run.commit,
        "experiment": experiment.to_json(),
        "windows": {
            "warmup": profile.warmup,
            "seconds": profile.seconds,
            "blocks": profile.blocks,
            "most": profile.budget,
            "turns": profile.turns,
            **({"later": profile.later} if profile.later is not None else {}),
            **({"together": True} if profile.together and experiment.stands_together else {}),
        },
        "stopped": _stopped(run),
        "blocks": [encode(block) for block in run.blocks],
        "deployments": run.described,
        "configurations": run.configurations,
        "versions": run.versions,
        "fingerprint": {
            **run.fingerprint,
            "code": code(),
            "steal": _steal(run),
            "server_cpus": sorted(placement.servers) if placement.servers else None,
            "generator_cpus": sorted(placement.generator) if placement.generator else None,
            "processors": "apart" if placement.apart else "shared by servers and generator",
            "generator": run.headroom
            and {**run.headroom.to_json(), **({"gauged_for": run.gauged_for} if run.gauged_for else {})},
        },
        "limits": limits(run.counted, experiment, run.fingerprint["cpus_usable"] or 1),
        "limiter": {arm: _limiter(run, arm) for arm in experiment.arms},
        "cost": run.cost.to_json(),
        "seconds": time.monotonic() - run.begun,
        "went_on": run.went_on,
        **run.own(),
    }


def _stopped(run: Run) -> str:
    """What ended the run: a reason of `stopping`; else that it is not over, or that too many blocks were void."""
    if run.plan and len(run.counted) >= run.plan.blocks:
        return run.plan.reason
    return "not over" if run.wanted() else "too many void blocks"


def _steal(run: Run) -> float:
    """Over the blocks, by their length: what happened between a run and its going on is not counted."""
    seconds = sum(block.seconds for block in run.blocks)
    return sum(block.steal * block.seconds for block in run.blocks) / seconds if seconds else 0.0


def _limiter(run: Run, arm: str) -> str:
    experiment = run.experiment
    described = run.described.get(arm, {}).get("options") or {}
    trials = [trial for block in run.counted for trial in block.trials]
    found = []
    for point in experiment.points:
        options = {**described, **experiment.options_at(arm, point)}
        workload = experiment.workload_at(point).to_json()
        found.append((point, limiter(chosen(trials, arm, point), options, workload)))
    return over_points(found, experiment.factor.unit if experiment.factor else "")
