"""How long the lessons take: long enough to see it in a class, or just to see that they run."""

from __future__ import annotations

import os
from dataclasses import dataclass

from benchmarks import profiles
from benchmarks.claims import PROFILE

PATIENCE = 120.0  # seconds that a lesson waits for another measurement on this machine


@dataclass(frozen=True, kw_only=True)
class Length:
    """Seconds of one run of Locust, whole ones; of one short window; and how many windows each side gets in a series."""

    run: int
    window: float
    windows: int


LENGTHS = {
    "smoke": Length(run=2, window=0.4, windows=6),
    "lesson": Length(run=8, window=1.5, windows=10),
    "reference": Length(run=8, window=1.5, windows=10),
}


def length() -> Length:
    """As BOOK_PROFILE asks for; a lesson's where it is not set. Raises LabError for a profile that does not exist."""
    return LENGTHS[profiles.get(os.environ.get(PROFILE, "lesson")).name]
