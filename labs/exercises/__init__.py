"""Checks of the book's exercises: each asks a real server whether it behaves as the task wants.

from labs.exercises import check
check("keep-alive", keepalive=0.2)
"""

from __future__ import annotations

from labs.exercises.exercise import Outcome, check, names

__all__ = ["Outcome", "check", "names"]
