"""<Location> or <Directory> around Django: the one goes by addresses, the other by where files lie.

Media files make the difference visible: Apache finds them by an Alias, outside its DocumentRoot. The handler is put into
each kind of block, and asked for a page, which is no file, and for a picture, which is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.experiments._apache import CONF, change
from benchmarks.plan.behaviour import Behaviour, Finding

PAGE = "/articles/1/"
PICTURE = "/media/photos/thumbnail/town-1.jpg"
FILES = "SetHandler          None"


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """The same handler in three blocks, and the picture with and without an exception for it."""
    with deploy("modpython-apache", workers=2) as site:
        yield finding("<Location />, and files excepted", site, "Django, Apache")
        change(site, (FILES, ""))
        yield finding("<Location />, nothing excepted", site, "Django, Django")
        as_directory(site, site.folder.path / "public")
        yield finding("<Directory> of the DocumentRoot", site, "Django, Apache")
    with deploy("modpython-apache", workers=2) as site:
        as_directory(site, site.site.folder)
        yield finding("<Directory> of the project", site, "Apache, Apache")


def as_directory(site: Any, folder: object) -> None:
    """Put the handler into a block that goes by a folder of files."""
    inside = (site.folder / CONF).read_text("utf-8").partition('<Location "/">')[2].partition("</Location>")[0]
    change(site, (f'<Location "/">{inside}</Location>', f'<Directory "{folder}">{inside}</Directory>'))


def finding(what: str, site: Any, expected: str) -> Finding:
    """Who answers for a page, and who for a picture."""
    seen = ", ".join(who(site.get(path)) for path in (PAGE, PICTURE))
    return Finding(
        what=f"{what}: who answers for a page, and for a picture", expected=expected, seen=seen, ok=seen == expected
    )


def who(answer: Any) -> str:
    """Django puts a header on every page of its own, errors included; Apache on none."""
    return "Django" if answer.header("X-Content-Type-Options") else "Apache"


experiment = Behaviour(
    claim="modpython-location",
    checks=checks,
    note="A Directory block around the DocumentRoot happens to work, since Apache makes a file's name of every address; a "
    "block around the project's folder, which looks right, serves nothing of it.",
)
