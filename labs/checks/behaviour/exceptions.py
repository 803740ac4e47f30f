"""Where a deployment of the book differs, and why: each by name, none by silence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Known:
    """A check that is known to differ under some deployments.

    deployments  their names
    check        its id
    seen         a part of what is then seen; anything else makes the exception stale
    why          one sentence
    """

    deployments: tuple[str, ...]
    check: str
    seen: str
    why: str


KNOWN: tuple[Known, ...] = ()


def known(deployment: str | None) -> dict[str, Known]:
    """Check -> exception, of one deployment."""
    return {each.check: each for each in KNOWN if deployment in each.deployments}
