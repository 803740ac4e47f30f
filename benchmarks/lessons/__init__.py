"""The small experiments of the part "How this book measures": each makes one mistake on purpose, beside the right way.

from benchmarks import lessons
lessons.dead()

They are lessons, not claims: nothing is recorded and no verdict depends on them. Each runs real servers and real
generators for some seconds, longer with BOOK_PROFILE=lesson than with smoke, and shows itself in a notebook.
"""

from __future__ import annotations

from benchmarks.lessons.coverage import coverage
from benchmarks.lessons.dead import dead
from benchmarks.lessons.drift import drift
from benchmarks.lessons.frozen import frozen
from benchmarks.lessons.growing import growing
from benchmarks.lessons.hidden import hidden
from benchmarks.lessons.starved import starved

__all__ = ["coverage", "dead", "drift", "frozen", "growing", "hidden", "starved"]
