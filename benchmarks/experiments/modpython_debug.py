"""PythonDebug: what a visitor sees of a failure that Django cannot catch, and what the log says, On and Off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.experiments._apache import change, error_of, logged
from benchmarks.plan.behaviour import Behaviour, Finding

SETTINGS, MISSING = '"newsroom.settings"', '"newsroom.missing"'
SHOWN = ("Traceback", "newsroom.missing", "site-packages")


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Settings that do not import, then a page that raises, under both."""
    for debug in (True, False):
        name = f"PythonDebug {'On' if debug else 'Off'}"
        with deploy("modpython-apache", workers=1, debug=debug) as site:
            page = site.get("/fail/")
            yield Finding(
                what=f"{name}, a view that raises: what a visitor sees",
                expected="500, no traceback: Django has caught it",
                seen=seen(page),
                ok=page.status == 500 and "Traceback" not in page.text,
            )
            change(site, (SETTINGS, MISSING))
            with logged(site) as lines:
                page = site.get("/hello/")
            yield Finding(
                what=f"{name}, settings that do not import: what a visitor sees",
                expected="500, the traceback with paths and names" if debug else "500, no traceback",
                seen=seen(page),
                ok=page.status == 500 and all((word in page.text) == debug for word in SHOWN),
            )
            error = error_of(lines)
            yield Finding(
                what=f"{name}, the same: what the log says",
                expected="the traceback",
                seen=error or "nothing",
                ok="newsroom.missing" in error,
            )


def seen(page: Any) -> str:
    """Status, and whether there is a traceback in the page."""
    return f"{page.status}, {'the traceback with paths and names' if 'Traceback' in page.text else 'no traceback'}"


experiment = Behaviour(
    claim="modpython-debug",
    checks=checks,
    note="The log has the traceback either way. Under WSGI a failure before Django is up is the server's own page: mod_wsgi "
    "and gunicorn show no traceback.",
)
