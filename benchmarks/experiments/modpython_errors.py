"""Who tells of a failure: Django of a view's, with its logging as a new project has it; Apache of settings that are broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.experiments._apache import change, error_of, logged
from benchmarks.plan.behaviour import Behaviour, Finding
from labs.newsroom import variants

DJANGO, APACHE = "Django's page", "Apache's page"


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """A view that raises, an address that is none, settings that do not import; then a view that raises, with logging."""
    with deploy("modpython-apache", site=variants.site("talk"), workers=1) as site:
        yield from findings("a view that raises, Django's own logging", site, "/fail/", (500, DJANGO), "")
        yield from findings("an address that is none", site, "/no-such-page/", (404, DJANGO), "")
        change(site, ('"labs_lessons.talk"', '"newsroom.missing"'))
        yield from findings("settings that do not import", site, "/hello/", (500, APACHE), "newsroom.missing")
        change(site, ('"newsroom.missing"', '"newsroom.settings"'))
        yield from findings(
            "a view that raises, logging to standard error", site, "/fail/", (500, DJANGO), "RuntimeError"
        )


def findings(what: str, site: Any, path: str, expected: tuple[int, str], word: str) -> Iterator[Finding]:
    """What a visitor gets, and whether the log tells of it."""
    with logged(site) as lines:
        answer = site.get(path)
    # Django puts this header on every page of its own
    seen = (answer.status, DJANGO if answer.header("X-Content-Type-Options") else APACHE)
    yield Finding(
        what=f"{what}: what a visitor gets",
        expected=f"{expected[0]}, {expected[1]}",
        seen=f"{seen[0]}, {seen[1]}",
        ok=seen == expected,
    )
    yield Finding(
        what=f"{what}: what Apache's log says",
        expected=f"the traceback, with {word}" if word else "nothing",
        seen=error_of(lines) or (lines[-1] if lines else "nothing"),
        ok=word in error_of(lines) if word else not lines,
    )


experiment = Behaviour(
    claim="modpython-errors",
    checks=checks,
    note="Without DEBUG, Django's own logging sends a view's failure by mail to ADMINS, and to nobody where there are none. A "
    "handler for standard error, which this book's site has, puts it into the log.",
)
