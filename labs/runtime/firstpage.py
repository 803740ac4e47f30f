"""The first page of a site: whether it answers, where it leads, and what to do when it does not.

A redirect to a path of the same address is followed once, as a visitor would. One to another address is told and not
followed: these servers are asked on loopback, and nobody else is asked at all.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

REDIRECTS = (301, 302, 303, 307, 308)
WHERE = "Name a page of the site that anybody may see: --page /articles/"
# What an answer's status says of the page, and what to do about it
ADVICE = {
    400: "Django refuses a name that is not in ALLOWED_HOSTS, and what is no request. " + WHERE,
    401: "That page wants a password. " + WHERE,
    403: "That page is not for every visitor. " + WHERE,
    404: "The site has no page there. " + WHERE,
    405: "That page is not for looking at (GET). " + WHERE,
}
FAILED = "The page fails by itself; the log above has its traceback, unless LOGGING sends it elsewhere. Another page: --page /articles/"
ELSEWHERE = (
    "No other address is asked: name a page that answers by itself, --page /articles/, or turn off what redirects, such as "
    "PREPEND_WWW or a middleware."
)

Ask = Callable[[str], tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class FirstPage:
    """What came of asking.

    path     the page that answered: the one that was asked for, or the one to which it leads
    status   its status; 0 without an answer
    note     what a reader should know though the site is up: where the page leads
    problem  what is wrong; empty where the page can be looked at
    advice   what to do about the problem, or about the note
    """

    path: str
    status: int = 0
    note: str = ""
    problem: str = ""
    advice: str = ""

    @property
    def logged(self) -> bool:
        """Whether the servers' logs say more of the problem than its status does."""
        return not self.status or self.status == 400 or self.status >= 500


def look(ask: Ask, path: str, *, base: str, host: str = "") -> FirstPage:
    """Ask for a page, and once more where it leads to another page of the same site.

    ask   path -> status and Location of the answer
    base  the address of the site, without a slash at its end
    host  the name that is asked for, where it is not the address
    """
    status, location = ask(path)
    if status not in REDIRECTS or not location:
        return _seen(path, status, f"{status} for {path}" + (f", asked as {host}" if host and status == 400 else ""))
    there = below(base, path, location, host)
    if there is None:
        note = f"{path} answers {status} and leads to {location}, which is no page of {base}"
        return FirstPage(path=path, status=status, note=note, advice=ELSEWHERE)
    if there == path:
        return FirstPage(path=path, status=status, problem=f"{status} for {path}, which leads to itself", advice=WHERE)
    status, location = ask(there)
    seen = _seen(there, status, f"{path} leads to {there}, and that answers {status}", f"{path} leads to {there}")
    if status in REDIRECTS and location:
        onward = below(base, there, location, host)
        note = f"{seen.note}, and that to {onward or location}"
        return FirstPage(path=there, status=status, note=note, advice=_names(onward) if onward else ELSEWHERE)
    return seen


def _names(path: str) -> str:
    """How a shell is told to ask for a page at once."""
    return f"--page {shlex.quote(path)} names it."


def _seen(path: str, status: int, problem: str, note: str = "") -> FirstPage:
    if status < 400:
        return FirstPage(path=path, status=status, note=note, advice=_names(path) if note else "")
    return FirstPage(
        path=path, status=status, problem=problem, advice=ADVICE.get(status, FAILED if status >= 500 else WHERE)
    )


def below(base: str, path: str, location: str, host: str = "") -> str | None:
    """The path below `base` to which a redirect leads; None where it leads to another address.

    The site may name itself by the host that was asked for.
    """
    here = urlsplit(base)
    try:
        there = urlsplit(urljoin(base + path, location))
    except ValueError:  # no address at all
        return None
    if there.scheme != here.scheme or there.netloc not in {here.netloc, host or here.netloc}:
        return None
    target = (there.path or "/") + (f"?{there.query}" if there.query else "")
    if not target.startswith(here.path + "/"):
        return None
    return target.removeprefix(here.path)
