"""Exercises about what a front-end does with a name, and without a back-end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labs import deploy
from labs.clients.probe import Response
from labs.errors import OptionError
from labs.exercises.exercise import Step, exercise

SORRY = "<h1>Back in a moment</h1>\n"
SHOP = r"^shop\.test(:[0-9]+)?$"  # as the deployment has it, until the answer takes its place


@exercise("sorry-page")
def sorry_page(lines: Sequence[str]) -> Iterator[Step]:
    """Let Apache show sorry.html, a file in its DocumentRoot, with status 503 while Django is down."""
    if isinstance(lines, str):
        raise OptionError("lines is a list of lines for apache.conf.")
    site = deploy("fastcgi-apache")
    try:
        site.folder.write("public/sorry.html", SORRY)
        site.edit("apache.conf", "RewriteEngine         On\n", "\n".join(["RewriteEngine         On", *lines, ""]))
        site.start()
        page = site.get("/hello/")
        yield Step(
            "with Django there, a page is Django's",
            page.status == 200 and page.text != SORRY,
            seen=str(page.status),
            hint="The file is for the moment in which nobody answers, and for no other.",
        )
        site.stop_server("runfcgi")
        page = site.get("/hello/")
        yield Step(
            "without Django, the answer is still 503",
            page.status == 503,
            seen=f"{page.status} {page.header('Location') or ''}".strip(),
            hint="A whole address after ErrorDocument makes a redirect of it; a path, with a slash in front, does not.",
        )
        yield Step(
            "and its text is sorry.html",
            page.text == SORRY,
            seen="Apache's own page" if "Service Unavailable" in page.text else "something else",
            hint="ErrorDocument says what is shown for a status.",
        )
        missing = site.get("/media/no-such-picture.jpg")
        yield Step(
            "a picture that does not exist is still 404",
            missing.status == 404 and missing.text != SORRY,
            seen=str(missing.status),
            hint="Only 503 means that Django is down.",
        )
    finally:
        site.stop()


@exercise("host-pattern")
def host_pattern(pattern: str) -> Iterator[Step]:
    """Let shop.test and www.shop.test mean the shop, with or without a port, and no other name."""
    if '"' in str(pattern):
        raise OptionError("pattern stands between quotes in lighttpd.conf and cannot hold one.")
    both = deploy("sites-lighttpd")
    try:
        both.edit("lighttpd.conf", SHOP, str(pattern))
        both.start()
        for host, hint in {
            "shop.test": "The name alone must do.",
            "www.shop.test": "www. is an alternative or an optional part: (www\\.)?",
            "shop.test:8000": "A browser adds a port that is not 80. (:[0-9]+)? lets one follow.",
            "www.shop.test:8000": "A browser adds a port that is not 80. (:[0-9]+)? lets one follow.",
        }.items():
            yield _asked(both.get("/hello/", headers={"Host": host}), host, True, hint)
        for host, hint in {
            "shopxtest": "A dot stands for any character, unless a backslash is before it.",
            "workshop.test": "Without ^ the pattern may begin anywhere in the name.",
            "wwwxshop.test": "A dot stands for any character, unless a backslash is before it.",
            "shop.test.example": "Without $ anything may follow.",
            "admin.shop.test": "Only www. may stand in front.",
        }.items():
            yield _asked(both.get("/hello/", headers={"Host": host}), host, False, hint)
        news = both.get("/hello/", headers={"Host": "news.test"}).text
        yield Step("news.test is still the newspaper", "Lantern" in news, hint="The pattern fits its name too.")
    finally:
        both.stop()


def _asked(answer: Response, host: str, wanted: bool, hint: str) -> Step:
    """A name that no block has gets lighttpd's 404. Django may refuse one too, with 400, but was asked then."""
    if wanted:
        return Step(f"{host} is the shop", answer.status == 200 and "shop" in answer.text, hint=hint)
    return Step(f"{host} is nobody's", answer.status == 404, seen=str(answer.status), hint=hint)
