"""Synthetic records, made up for tests of arithmetic and drawing. None is ever written among real results."""

from __future__ import annotations

import math
import random
from typing import Any

from benchmarks.codec import encode
from benchmarks.trials.histogram import Histogram, recorded
from benchmarks.trials.trial import Lateness, Phases, Trial, Warmup


def histogram(milliseconds: list[float], count: int = 1) -> Histogram:
    return recorded(round(value * 1000) for value in milliseconds for _ in range(count))


def trial(
    arm: str = "on", *, point: Any = None, cpu_ms: float = 5.0, latency: float | Histogram = 4.0, **changes: Any
) -> Trial:
    """Forty readers, 20 s, a thousand answers; `latency` is in milliseconds, where it is no histogram."""
    whole = latency if isinstance(latency, Histogram) else histogram([latency], changes.get("requests", 1000))
    made: dict[str, Any] = {
        "seconds": 20.0,
        "requests": 1000,
        "pages": 1000,
        "failures": {},
        "unanswered": 0,
        "users": 40,
        "users_alive": changes.get("users", 40),
        "cpu_seconds": cpu_ms,
        "server_cpus": 1,
        "meter_seconds": changes.get("seconds", 20.0),
        "generator_cpu_seconds": 3.0,
        "lateness": Lateness(p50=0.0001, p99=0.001, max=0.01),
        "pss_bytes": 80_000_000,
        "bytes": 2_000_000,
        "connections": 40,
        "in_flight": 0,
        "in_flight_mean": 0.2,
        "held_seconds": 4.0,
        "page_latency": None,
        "waiting": None,
        "warmup": Warmup(seconds=3.0, requests=50),
        "drained": True,
        "time_wait": 0,
        "phases": Phases(start=0.4, verify=0.1, stop=0.3, warmup=3.0, load=20.0, drain=0.1),
    }
    return Trial(arm=arm, point=point, latency=whole, **(made | changes))


def effect(
    claim: str = "tune-keepalive",
    *,
    ratio: float = 4.0,
    noise: float = 0.05,
    blocks: int = 10,
    seed: int = 1,
    arms: tuple[str, str] = ("off", "on"),
    deployments: tuple[str, str] = ("fastcgi-apache", "fastcgi-apache"),
    metric: str = "cpu_per_request",
    matters: float = 0.1,
    base: float = 5.0,
    sweep: dict[Any, float] | None = None,
    factor: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An effect in which the arm against costs `ratio` times the favoured one, with normal noise on the logarithm."""
    rng = random.Random(seed)
    favoured, against = arms
    points = sweep or {None: ratio}
    made = []
    for number in range(1, blocks + 1):
        trials = []
        for point, size in points.items():
            shared = base * math.exp(rng.gauss(0, noise))
            trials.append(encode(trial(favoured, point=point, cpu_ms=shared, latency=shared)))
            cost = shared * size * math.exp(rng.gauss(0, noise))
            trials.append(encode(trial(against, point=point, cpu_ms=cost, latency=cost)))
        made.append({"number": number, "order": list(arms), "void": None, "trials": trials})
    if sweep and factor is None:
        factor = {"name": "wait", "label": "time a page waits", "unit": "ms"}
    return {
        "format": 1,
        "id": claim,
        "kind": "effect",
        "profile": "lesson",
        "seed": seed,
        "recorded_at": "2026-01-01T00:00:00+00:00",
        "commit": None,
        "experiment": {
            "claim": claim,
            "arms": {name: {"deployment": where, "options": {}} for name, where in zip(arms, deployments, strict=True)},
            "favoured": favoured,
            "against": against,
            "metric": metric,
            "unit": "ms",
            "better": "lower",
            "matters": matters,
            "expected": "favoured",
            "workload": {"kind": "closed", "users": 40},
            "regime": "40 readers, 10 workers, pause 1-10 s",
            "factor": {**factor, "values": list(points)} if factor else None,
        },
        "blocks": made,
        "configurations": {arms[0]: {"apache.conf": "KeepAlive Off\n"}, arms[1]: {"apache.conf": "KeepAlive On\n"}},
        "versions": {"Apache": "synthetic"},
        "fingerprint": {"machine": "synthetic", "cpus": 2},
        "limiter": {arms[0]: "CPU of the server", arms[1]: "workers held by idle connections"},
    }


def behaviour(claim: str = "fastcgi-options", *, holds: bool = True) -> dict[str, Any]:
    return {
        "format": 1,
        "id": claim,
        "kind": "behaviour",
        "profile": "lesson",
        "recorded_at": "2026-01-01T00:00:00+00:00",
        "commit": "abc1234",
        "versions": {"flup": "synthetic"},
        "fingerprint": {},
        "holds": holds,
        "note": "synthetic",
        "checks": [
            {"what": "help lists the options", "expected": "all 12", "seen": "all 12", "ok": True},
            {"what": "a wrong option", "expected": "an error", "seen": "an error" if holds else "nothing", "ok": holds},
        ],
    }
