"""When requests are due: seconds from the start of a trial, without end."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def constant(rate: float) -> Iterator[float]:
    """Evenly spaced, `rate` a second."""
    return (number / rate for number in count())


def poisson(rate: float, seed: str) -> Iterator[float]:
    """At random, `rate` a second on average: gaps are drawn from an exponential distribution, independent of each other."""
    draw, at = Random(f"{seed}/arrivals"), 0.0
    while True:
        at += draw.expovariate(rate)
        yield at
