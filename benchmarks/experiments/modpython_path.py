"""PythonPath must name the project and Django: without the one or the other, and with both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.experiments._apache import CONF, change, error_of, logged
from benchmarks.plan.behaviour import Behaviour, Finding


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Take one part of the path away at a time, then all of it."""
    with deploy("modpython-apache", workers=1) as site:
        yield Finding(
            what="the whole path",
            expected="200",
            seen=str(site.get("/hello/").status),
            ok=site.get("/hello/").status == 200,
        )
        project, handler, *packages = map(repr, map(str, site.front.path_of(site.site)))
        line = next(line for line in (site.folder / CONF).read_text("utf-8").splitlines() if "PythonPath" in line)
        for what, kept, missing in (
            ("without the project", [handler, *packages], "newsroom"),
            ("without Django", [project, handler], "django"),
            ("without the handler", [project, *packages], "django_modpython"),
            ("no PythonPath", [], "django_modpython"),
        ):
            new = f'  PythonPath "[{", ".join(kept)}] + sys.path"' if kept else ""
            change(site, (line, new or "  # no PythonPath"))
            line = new or "  # no PythonPath"
            yield finding(what, site, missing)


def finding(what: str, site: Any, missing: str) -> Finding:
    """What a visitor gets, and what the log says."""
    with logged(site) as lines:
        status = site.get("/hello/").status
    error = error_of(lines)
    return Finding(
        what=what,
        expected=f"500, and the log names {missing}",
        seen=f"{status}, {error or 'nothing in the log'}",
        ok=status == 500 and f"'{missing}'" in error,
    )


experiment = Behaviour(claim="modpython-path", checks=checks)
