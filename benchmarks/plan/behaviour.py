"""A statement that is true or false, and what was looked at to tell: nothing of it is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at: what, what the chapter's statement means for it, what was seen."""

    what: str
    expected: str
    seen: str
    ok: bool


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """A statement that is true or false, the same on every machine.

    checks  called with `deploy` (as `labs.deploy`); gives the findings. The statement holds when all are ok
    note    a sentence beside the result
    """

    claim: str
    checks: Callable[[Callable[..., Any]], Iterable[Finding]]
    note: str = ""
