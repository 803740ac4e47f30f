"""A campaign made up for tests of arithmetic and drawing. None is ever written among real results."""

from __future__ import annotations

import math
import random

from benchmarks.trust.campaign import FORMAT, Campaign, Run, plan
from benchmarks.trust.power import METRICS, PLAIN, Comparison


def campaign(rounds: int = 10, *, noise: float = 0.04, drift: float = 0.05, seed: int = 1) -> Campaign:
    """Blocks with normal noise; plain Locust, whose arms are minutes apart, is off by a drift."""
    draw, runs = random.Random(seed), []
    for task in plan(rounds):
        shift = math.log1p(task.effect)
        names, blocks, spread = (METRICS, 10, noise) if task.tool == "ours" else (PLAIN, 1, drift)
        ratios = {
            name: [math.exp(draw.gauss(0.0 if name == "pss" else shift, spread)) for _ in range(blocks)]
            for name in names
        }
        values = {name: [10.0, 10.0 * ratios[name][0]] for name in names}
        comparison = Comparison(ratios=ratios, values=values, void=[], seconds=70.0, load=0.8)
        runs.append(Run(task=task, burn=round(10_000 * task.effect), comparison=comparison))
    head = {"format": FORMAT, "profile": "lesson", "base_seconds": 0.01, "recorded_at": "2026-01-01T00:00:00+00:00"}
    return Campaign(head={**head, "commit": None, "versions": {}, "fingerprint": {"cpu": "synthetic"}}, runs=runs)
