"""How long the lessons take: long enough to see it in a class, or just to see that they run."""

from __future__ import annotations

import os
from dataclasses import dataclass

from benchmarks.notebook.claims import PROFILE
from benchmarks.plan import profiles


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long each kind of run is.

    run      seconds of one run of Locust, whole ones
    frozen   seconds of a run in which the server stands still for a while
    window   seconds of one of many short windows
    windows  how many of them each side of a comparison gets
    """

    run: int
    frozen: int
    window: float
    windows: int


LENGTHS = {
    "smoke": Length(run=2, frozen=5, window=0.3, windows=5),
    "lesson": Length(run=8, frozen=15, window=1.5, windows=10),
    "reference": Length(run=8, frozen=15, window=1.5, windows=10),
}


def length() -> Length:
    """As BOOK_PROFILE asks for; a lesson's where it is not set. Raises LabError for a profile that does not exist."""
    return LENGTHS[profiles.get(os.environ.get(PROFILE, "lesson")).name]
