"""A crash inside Apache: how it shows, how the culprit is found, whether the cause of 2006 is still there, what it costs.

The chapter names two causes, C libraries that Apache and Python load in two versions, and a method: a bare-bones site, then
the imports, fewer and fewer. The method is tried on crashes that are real: one is mod_python's own, one a module of the
labs' that reads the address 0 when it is imported, one a pair of modules that only crash together. For the cause it is
looked up which libexpat an Apache with Python in it has mapped. MySQL's and PHP's libraries are not among the labs' servers.

What a crash takes down is counted among seven readers who each have a request under way at any time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding
from labs.almanac import PROJECT
from labs.almanac import site as almanac
from labs.faults import bisect, libraries
from labs.faults.crashes import MODELS, answer, crash_each, deaths
from labs.runtime.shell import Shell

NOT_UTF8 = "/%FF%FE"
CONF, OURS = "apache.conf", "django_modpython"
ALONE = ("mod_python, prefork", "FastCGI, prefork", "gunicorn, processes")  # a process for each request
TOGETHER = tuple(name for name in MODELS if name not in ALONE)


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Crash on purpose, search, look at libraries, count."""
    yield from own_crash(deploy)
    yield from site_crash(deploy)
    yield from searches(deploy)
    yield libexpat(deploy)
    yield from counts(deploy)


def own_crash(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """mod_python itself, with the site and with less and less of it."""
    for handler, dies in ((OURS, True), ("barebones", False), ("barebones::environ", True)):
        site = deploy("modpython-apache", site=almanac(), workers=2)
        site.edit(CONF, OURS, handler)
        with site:
            seen = answer(site, NOT_UTF8)
            if seen == "no answer":
                seen += f", {_signal(site)}"
        yield Finding(
            what=f"{NOT_UTF8}, asked of the handler {handler}",
            expected="no answer, and the log names the signal" if dies else "200",
            seen=seen,
            ok=("Segmentation fault" in seen) if dies else seen == "200",
        )


def site_crash(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """A page whose imports end the process; the bare-bones site in its place."""
    with deploy("modpython-apache", site=almanac(), workers=2) as site:
        seen = f"{answer(site, '/today/')}, {_signal(site)}"
        after = answer(site, "/hello/")
    yield Finding(
        what="a page that imports a crashing module",
        expected="no answer, and the log names the signal",
        seen=seen,
        ok=seen.startswith("no answer") and "Segmentation fault" in seen,
    )
    yield Finding(what="the site afterwards", expected="200", seen=after, ok=after == "200")
    bare = deploy("modpython-apache", site=almanac(), workers=2)
    bare.edit(CONF, OURS, "barebones")
    with bare:
        seen = answer(bare, "/today/")
    yield Finding(what="the bare-bones site in its place", expected="200", seen=seen, ok=seen == "200")


def searches(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Half of the imports, half of that: in processes of their own, and inside Apache."""
    wanted = {"today": ("almanac.tides",), "eclipse": ("almanac.sun", "almanac.moon")}
    lists = {page: bisect.imports_of(PROJECT / "almanac" / f"{page}.py") for page in wanted}
    with Shell(almanac()) as shell:
        for page, culprits in wanted.items():
            search = bisect.find(lists[page], bisect.in_process(shell))
            yield _found(f"the culprit among {len(lists[page])} imports, by halving", search, culprits)
    bare = deploy("modpython-apache", site=almanac(), workers=16, max_requests=1)
    bare.edit(CONF, OURS, "barebones")
    with bare:
        search = bisect.find(lists["today"], bisect.in_apache(bare))
    yield _found("the same inside Apache", search, wanted["today"])


def _found(what: str, search: bisect.Search, culprits: tuple[str, ...]) -> Finding:
    return Finding(what=what, expected=" and ".join(culprits), seen=search.sentence, ok=search.culprits == culprits)


def libexpat(deploy: Callable[..., Any]) -> Finding:
    """Two files of one library in one process were the cause of 2006."""
    with deploy("modpython-apache", site=almanac(), workers=1) as site:
        files = {file for process in site.tree() for file in libraries.libraries(process.pid, "libexpat")}
    return Finding(
        what="two copies of libexpat in Apache's processes",
        expected="two files",
        seen=", ".join(sorted(file.rpartition("/")[2] for file in files)) or "none",
        ok=len(files) > 1,
    )


def counts(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Other readers' requests that one crash takes along, under each model."""
    seen = crash_each(start=deploy)
    for name in (*ALONE, *TOGETHER):
        alone, crash = name in ALONE, seen[name]
        yield Finding(
            what=f"requests of others lost in a crash: {name}",
            expected="none" if alone else "those in flight",
            seen=f"{crash.lost} of {crash.in_flight} in flight"
            + ("" if crash.serves else f", {crash.afterwards} more afterwards: nobody starts it again"),
            ok=crash.lost == 0 if alone else crash.lost > 0,
        )


def _signal(site: Any) -> str:
    return re.sub(r".*(exit signal .*)", r"\1", deaths(site)[0])


experiment = Behaviour(
    claim="modpython-segfault",
    checks=checks,
    note="The method finds what it is meant to find. The two libraries of 2006 no longer meet: one libexpat serves both.",
)
