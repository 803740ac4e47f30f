"""Synthetic records, made up for tests of arithmetic and drawing. None is ever written among real results."""

from __future__ import annotations

import math
import random
from typing import Any

from hdrh.histogram import HdrHistogram


def histogram(milliseconds: list[float], count: int = 1) -> str:
    made = HdrHistogram(1, 600_000_000, 3)
    for value in milliseconds:
        made.record_value(max(1, round(value * 1000)), count)
    encoded = made.encode()
    return encoded.decode("ascii") if isinstance(encoded, bytes) else encoded


def trial(
    arm: str = "on", *, point: Any = None, cpu_ms: float = 5.0, latency: float = 4.0, **changes: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "arm": arm,
        "point": point,
        "seconds": 20.0,
        "requests": 1000,
        "pages": 1000,
        "failures": {},
        "unanswered": 0,
        "users": 40,
        "cpu_seconds": cpu_ms,
        "generator_cpu_seconds": 3.0,
        "pss_bytes": 80_000_000,
        "bytes": 2_000_000,
        "latency": histogram([latency], changes.get("requests", 1000)),
        "warmup": {"seconds": 3.0, "requests": 50},
        "phases": {"start": 0.4, "verify": 0.1, "warmup": 3.0, "load": 20.0, "drain": 0.1, "stop": 0.3},
    }
    return {**made, **changes}


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
            trials.append(trial(favoured, point=point, cpu_ms=shared, latency=shared))
            cost = shared * size * math.exp(rng.gauss(0, noise))
            trials.append(trial(against, point=point, cpu_ms=cost, latency=cost))
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
