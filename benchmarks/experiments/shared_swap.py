"""Every server of the book in turn around one site: the same suite of behaviour, and not a line of the site changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.experiments._side_by_side import each
from benchmarks.plan.behaviour import Behaviour, Finding
from labs.conformance import Report, check_deployment
from labs.newsroom import site as newsroom

ABOUT = (
    "gunicorn",
    "gunicorn-nginx",
    "fastcgi-nginx",
    "fastcgi-lighttpd",
    "fastcgi-apache",
    "cgi-lighttpd",
    "modpython-apache",
    "modwsgi-apache",
)  # a deployment that the book gains later changes no verdict


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Put the suite to each deployment, some at a time, then look whether its files are what they were."""
    folder = newsroom().folder
    before = checksums(folder)
    for name, report in each(ABOUT, deploy, check_deployment):
        yield Finding(
            what=f"{name}: the site behaves as it must",
            expected="every check, or a named exception",
            seen=summary(report),
            ok=report.passed,
        )
    after = checksums(folder)
    changed = sum(before.get(file) != after.get(file) for file in {*before, *after})
    yield Finding(
        what=f"files of the site that changed, of {len(before)}", expected="0", seen=str(changed), ok=changed == 0
    )


def summary(report: Report) -> str:
    """The counts, and the faults by name."""
    names = f": {', '.join(result.id for result in report.faults)}" if report.faults else ""
    return report.summary + names


def checksums(folder: Path) -> dict[str, str]:
    """File -> SHA-256, of a project's code and templates."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".html"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


experiment = Behaviour(
    claim="shared-swap",
    checks=checks,
    note="A few servers differ in ways that a visitor can see; each such difference is an exception with a name and a "
    "reason, and one that no longer fits what is seen counts as a fault.",
)
