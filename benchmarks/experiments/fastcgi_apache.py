"""Apache in front of FastCGI: the chapter's URL rules in today's form, by socket and by TCP, under two process models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding

PICTURE = "/media/photos/thumbnail/town-1.jpg"
FILE = "robots.txt"
TEXT = "User-agent: *\n"


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Each kind of address once with Django there, and once without, which tells who answers."""
    for mpm, listen in product(("prefork", "event"), ("unix", "tcp")):
        way = f"{mpm}, by {'a Unix socket' if listen == 'unix' else 'TCP'}"
        with deploy("fastcgi-apache", mpm=mpm, listen=listen) as site:
            said = site.get("/whoami/?a=1&b=%2F").json
            yield Finding(
                what=f"{way}: a page",
                expected="Django's process, and the path it was asked for",
                seen=f"process {'of Django' if said['pid'] == site.pid_of('runfcgi') else 'of somebody else'}, "
                f"{said['script_name']}{said['path_info']}",
                ok=said["pid"] == site.pid_of("runfcgi")
                and (said["script_name"], said["path_info"]) == ("", "/whoami/"),
            )
            site.folder.write(f"public/{FILE}", TEXT)
            there = site.get(f"/{FILE}")
            (site.folder / "public" / FILE).unlink()
            gone = site.get(f"/{FILE}")
            yield Finding(
                what=f"{way}: a file in the DocumentRoot",
                expected="Apache's file; Django's 404 once it is gone",
                seen=f"{there.status}, {'the file' if there.text == TEXT else 'something else'}; then {gone.status} "
                f"{'from Django' if 'Bluestem' in gone.text else 'from Apache'}",
                ok=(there.status, there.text, gone.status) == (200, TEXT, 404) and "Bluestem" in gone.text,
            )
            site.stop_server("runfcgi")
            picture, page = site.get(PICTURE).status, site.get("/hello/").status
            yield Finding(
                what=f"{way}: without Django",
                expected="media 200, pages 503",
                seen=f"media {picture}, pages {page}",
                ok=(picture, page) == (200, 503),
            )


experiment = Behaviour(
    claim="fastcgi-apache",
    checks=checks,
    note="mod_fastcgi, which the chapter configures, is no longer distributed; mod_proxy_fcgi takes its place.",
)
