"""Look whether a statement is true here, and give the record of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks.host import fingerprint
from benchmarks.host.source import code

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.plan.deployed import Deployed
    from benchmarks.plan.profiles import Profile


def run_behaviour(
    behaviour: Behaviour, profile: Profile | str = "lesson", *, deploy: Callable[..., Deployed] | None = None
) -> dict[str, Any]:
    """Look at everything, and give the record. Raises Missing when a server is not on this machine."""
    from labs import deploy as launch

    start: Callable[..., Any] = deploy or launch
    versions = fingerprint.versions()

    def noting(*arguments: Any, **options: Any) -> Deployed:
        deployment: Deployed = start(*arguments, **options)
        versions.update({server: str(version) for server, version in deployment.describe().get("servers", {}).items()})
        return deployment

    begun = time.monotonic()
    findings = list(behaviour.checks(noting))
    return {
        "format": 1,
        "id": behaviour.claim,
        "kind": "behaviour",
        "profile": profile if isinstance(profile, str) else profile.name,
        "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": fingerprint.commit(),
        "versions": versions,
        "fingerprint": {**fingerprint.fingerprint(), "code": code()},
        "holds": bool(findings) and all(finding.ok for finding in findings),
        "note": behaviour.note,
        "checks": [
            {"what": finding.what, "expected": finding.expected, "seen": finding.seen, "ok": finding.ok}
            for finding in findings
        ],
        "seconds": time.monotonic() - begun,
    }
