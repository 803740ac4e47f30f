"""Easy to deploy: what each deployment of the book takes, from a checkout that is set up to the first good answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding
from labs.newsroom import site as newsroom
from labs.runtime.configuration import count

FEW_COMMANDS = 3  # servers to start by hand, each by one command
SHORT = 100  # lines that say something: what fits on two pages of a book
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
    """Start each deployment once, and count what a reader would have to write and to type."""
    for name in ABOUT:
        with deploy(name, site=replace(newsroom(), static=None)) as site:
            status = site.get(site.site.ready).status
            commands = len(site.servers)
            files = site.configurations()
            lines = sum(map(count, files.values()))
            yield Finding(
                what=name,
                expected=f"200, by at most {FEW_COMMANDS} commands and {SHORT} lines of configuration",
                seen=f"{status} after {site.started_in:.2f} s, {commands} command{'s' if commands > 1 else ''}, "
                f"{lines} lines in {len(files)} file{'s' if len(files) > 1 else ''}",
                ok=status == 200 and commands <= FEW_COMMANDS and lines <= SHORT,
            )


experiment = Behaviour(
    claim="intro-easy",
    checks=checks,
    note="Lines are those that are neither empty nor a comment; the site and its virtual environment are there already. It has "
    "pages and media; packed style sheets with names that last, which no deployment needs, are left out.",
)
