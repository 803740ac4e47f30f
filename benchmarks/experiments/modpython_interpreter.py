"""Two sites in one virtual host, below two paths: without PythonInterpreter, then with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.experiments._apache import change
from benchmarks.plan.behaviour import Behaviour, Finding

SITES = {"/news": "newsroom", "/shop": "shop"}


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """One child, so that what a process has loaded first is known; both orders."""
    with deploy("sites-modpython", by="path", workers=1) as both:
        for first in SITES:
            for path in (first, *(path for path in SITES if path != first)):
                yield finding(f"an interpreter for each, {first} asked first", both, path, SITES[path])
            both.restart("Apache")
        change(both, *((f"PythonInterpreter   {path[1:]}", "") for path in SITES))
        for first, site in SITES.items():
            for path in (first, *(path for path in SITES if path != first)):
                yield finding(f"no PythonInterpreter, {first} asked first", both, path, site)
            both.restart("Apache")


def finding(what: str, both: Any, path: str, expected: str) -> Finding:
    """The site that answers below a path."""
    answer = both.get(f"{path}/whoami/")
    seen = answer.json.get("site", "newsroom") if answer.status == 200 else str(answer.status)
    return Finding(what=f"{what}: what answers below {path}", expected=expected, seen=seen, ok=seen == expected)


experiment = Behaviour(
    claim="modpython-interpreter",
    checks=checks,
    note="Whichever site a process loads first answers for both: a Python process has one copy of a module, and Django one "
    "set of settings.",
)
