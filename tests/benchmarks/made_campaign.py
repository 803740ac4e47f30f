"""A campaign made up for tests of arithmetic and drawing. None is ever written among real results."""

from __future__ import annotations

import math
import random

from benchmarks.trust.campaign import FORMAT, Campaign, Done, plan
from benchmarks.trust.power import ARMS, METRICS, PAIRS, PLAIN, Comparison, Session


def campaign(rounds: int = 10, *, noise: float = 0.04, drift: float = 0.05, seed: int = 1) -> Campaign:
    """Blocks with normal noise; plain Locust, whose arms are minutes apart, is off by a drift. Of a ratio, both are as large."""
    draw, sessions = random.Random(seed), []
    for task in plan(rounds):
        shift = math.log1p(task.effect)
        names, blocks, spread = (METRICS, 10, noise) if task.tool == "ours" else (PLAIN, 1, drift)
        logs = {
            (name, arm): [draw.gauss(0.0, spread / math.sqrt(2)) for _ in range(blocks)]
            for name in names
            for arm in ARMS
        }
        for (name, arm), values in logs.items():
            if arm.startswith("B") and name != "pss":
                values[:] = [value + shift for value in values]
        comparisons = []
        for one, other in PAIRS:
            ratios = {
                name: [math.exp(b - a) for a, b in zip(logs[name, one], logs[name, other], strict=True)]
                for name in names
            }
            values = {name: [10.0, 10.0 * ratios[name][0]] for name in names}
            comparisons.append(Comparison(ratios=ratios, values=values))
        session = Session(comparisons=tuple(comparisons), void=[], seconds=140.0, load=0.8)
        sessions.append(Done(task=task, burn=round(10_000 * task.effect), session=session))
    head = {"format": FORMAT, "profile": "lesson", "base_seconds": 0.01, "recorded_at": "2026-01-01T00:00:00+00:00"}
    return Campaign(
        head={**head, "commit": None, "versions": {}, "fingerprint": {"cpu": "synthetic"}}, sessions=sessions
    )
