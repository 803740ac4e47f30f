"""A site below /mysite/: whether the prefix is part of the path that Django looks up, then and now.

In 2006 Django's handler for mod_python took the whole path, and the chapter gives each site a URLconf that puts the prefix
before its own. An empty base_uri makes mod_python do so today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.experiments._apache import change
from benchmarks.plan.behaviour import Behaviour, Finding

AT = "/mysite"
UNTRIMMED = ("PythonAutoReload    Off", 'PythonAutoReload    Off\n  PythonOption        mod_python.wsgi.base_uri ""')
SHIM = ('"newsroom.settings"', '"labs_lessons.shim"')


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """As the chapter says it must be, in today's mod_python and mod_wsgi; then with the handler of 2006 imitated."""
    for name in ("modpython-apache", "modwsgi-apache"):
        with deploy(name, workers=1, at=AT, media="django") as site:
            yield path(f"{name}, below {AT}", site, f"{AT}/mirror/x/")
            yield status(f"{name}, the site's own URLconf", site, 404)
            if name == "modpython-apache":
                change(site, UNTRIMMED)
                yield path("mod_python told that there is no prefix, as in 2006", site, f"{AT}/mirror/x/", shimmed=SHIM)
                yield status("the same, with a URLconf that has the prefix", site, 200)


def path(what: str, site: Any, expected: str, *, shimmed: tuple[str, str] | None = None) -> Finding:
    """The path that Django looks up. Where nothing but a shim finds a page, first a 404, then with the shim the path."""
    before = site.get("/mirror/x/").status
    if shimmed:
        change(site, shimmed)
    said = site.get("/mirror/x/").json
    seen = f"{said['path_info']} with SCRIPT_NAME {said['script_name'] or 'empty'}"
    if shimmed:
        seen = f"{before} for the site's own URLconf; {seen}"
    return Finding(
        what=f"{what}: what Django looks up",
        expected=f"{expected} with SCRIPT_NAME empty",
        seen=seen,
        ok=(said["path_info"], said["script_name"]) == (expected, "") and (before == 404 or not shimmed),
    )


def status(what: str, site: Any, expected: int) -> Finding:
    """What a page of the site answers below the prefix."""
    found = site.get("/hello/").status
    return Finding(what=what, expected=f"{expected} for {AT}/hello/", seen=str(found), ok=found == expected)


experiment = Behaviour(
    claim="modpython-subdir",
    checks=checks,
    note="mod_python 3.4 and WSGI hand the prefix over apart from the path, as SCRIPT_NAME, and Django puts it before every link.",
)
