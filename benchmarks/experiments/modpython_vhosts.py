"""Two sites on one Apache, each in a virtual host with settings of its own, and nothing else said of interpreters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding

SITES = {"news.test": "newsroom", "shop.test": "shop"}


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Ask one Apache of a single child for both, in turn: each process must hold both sites apart."""
    with deploy("sites-modpython", workers=1, interpreters=False) as both:
        children = set()
        for host in (*SITES, *SITES):
            answer = both.get("/whoami/", headers={"Host": host})
            said = answer.json
            children.add(said["pid"])
            site = said.get("site", "newsroom")
            yield Finding(
                what=f"{host}: the site that answers",
                expected=SITES[host],
                seen=f"{site}" if answer.status == 200 else str(answer.status),
                ok=answer.status == 200 and site == SITES[host],
            )
        yield Finding(
            what="processes that answered", expected="one, for both", seen=str(len(children)), ok=len(children) == 1
        )


experiment = Behaviour(
    claim="modpython-vhosts",
    checks=checks,
    note="mod_python makes an interpreter for each virtual host by itself, in every process.",
)
