"""An exercise about telling files from pages by their addresses."""

from __future__ import annotations

from collections.abc import Iterator

from labs import deploy
from labs.errors import OptionError
from labs.exercises.exercise import Step, exercise
from labs.servers.mod_python import ENDINGS

PICTURES = ("/media/photos/thumbnail/town-1.jpg", "/media/static/admin/img/search.svg")
PAGE = "/mirror/chart.png"  # the newsroom makes it, whatever its name looks like


@exercise("location-match")
def location_match(pattern: str) -> Iterator[Step]:
    """Give the pattern of LocationMatch by which Apache serves the pictures, and Django a page whose name ends like one."""
    if '"' in str(pattern):
        raise OptionError("pattern stands between double quotes in apache.conf: without any inside.")
    site = deploy("modpython-apache", workers=1, by="ending")
    try:
        site.edit("apache.conf", f'LocationMatch "{ENDINGS}"', f'LocationMatch "{pattern}"')
        site.start()
        for picture in PICTURES:
            answer = site.get(picture)
            yield Step(
                f"Apache serves {picture}",
                answer.status == 200,
                seen=f"{answer.status} from {'Django' if answer.header('X-Content-Type-Options') else 'Apache'}",
                hint="It is a regular expression, and an address matches where any part of it does. Django has no such page.",
            )
        answer = site.get(PAGE)
        yield Step(
            f"Django makes {PAGE}",
            answer.status == 200,
            seen=str(answer.status),
            hint="It lies elsewhere. ^ stands for the beginning of the address.",
        )
        answer = site.get("/media/nothing/")
        yield Step(
            "what is no picture is Django's, below /media/ too",
            answer.header("X-Content-Type-Options") is not None,
            seen=f"{answer.status} from Apache",
            hint="The path alone says too little, the ending alone as well.",
        )
    finally:
        site.stop()
