"""What a view prints, writes to standard error, or logs: where each arrives, under mod_python and under mod_wsgi."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.experiments._apache import logged
from benchmarks.plan.behaviour import Behaviour, Finding
from labs.newsroom import variants

NOWHERE, LOG = "nowhere", "Apache's error log"
WAYS = {
    "modpython-apache": {"print": NOWHERE, "stderr": LOG, "log": LOG},
    "modwsgi-apache": {"print": LOG, "stderr": LOG, "log": LOG},
}
NAMES = {"print": "print", "stderr": "standard error", "log": "logging.warning"}


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """A word for each way, looked for in everything that the server writes, also after it has ended."""
    for name, ways in WAYS.items():
        with deploy(name, site=variants.site("talk"), workers=1) as site:
            for way, expected in ways.items():
                word = f"a-word-for-{way}"
                with logged(site) as lines:
                    site.get(f"/say/{way}/?word={word}")
                seen = LOG if any(word in line for line in lines) else NOWHERE
                yield Finding(what=f"{name}, {NAMES[way]}", expected=expected, seen=seen, ok=seen == expected)
            site.stop_server("Apache")
            kept = "a-word-for-print" in site.log()
            yield Finding(
                what=f"{name}, print, once Apache has ended",
                expected=ways["print"],
                seen="a log" if kept and ways["print"] == NOWHERE else ways["print"] if kept else NOWHERE,
                ok=kept == (ways["print"] != NOWHERE),
            )


experiment = Behaviour(
    claim="modpython-print",
    checks=checks,
    note="Under mod_python standard output is a buffer that no one reads: it ends with its process. mod_wsgi, since 3.0, leads "
    "it to the error log.",
)
