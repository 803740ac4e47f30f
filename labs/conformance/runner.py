"""Put every check to one server."""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

from labs.conformance.address import address
from labs.conformance.check import Check, checks
from labs.conformance.exceptions import Known, known
from labs.conformance.report import Report, Result, State
from labs.conformance.target import Target, target
from labs.conformance.wire import WireError
from labs.errors import LabError, OptionError
from labs.newsroom.data import PROJECT
from labs.runtime.deployment import Deployment
from labs.servers.base import FrontEnd

AT_ONCE = 2  # checks; more would take a small server's workers away from each other
# These keep workers busy, or are spoilt when something else does: one at a time, after the others
ALONE = ("conn-", "stream-")


def run(
    base_url: str,
    *,
    page: str | None = None,
    media_url: str | None = None,
    site_is_newsroom: bool | None = None,
    only: Collection[str] = (),
    deployment: str | None = None,
    files: str | None = None,
    timeout: float = 10.0,
    patience: float | None = None,
) -> Report:
    """Ask a server everything, and report.

    base_url          where the site begins: http://127.0.0.1:8000, or with a path where it lives below one
    page              the path of a page that answers, which the checks ask for; None is the first page, "/"
    media_url         where its media files begin; a file below it is taken before another that the page names
    site_is_newsroom  whether it has the newsroom's pages, which most checks need; None finds out
    only              ids or topics; empty for all
    deployment        the name of one of the book's, whose known exceptions then count
    files             another, whose front-end serves the files
    timeout           seconds for one conversation
    patience          seconds for the first answer, which a server that has just started may need; None for `timeout`

    Raises OptionError for a check that does not exist and for what is no address, LabError when nothing answers, or when the
    page is none.
    """
    base_url = address(base_url)
    if page is not None and not page.startswith("/"):
        raise OptionError(f"--page {page}: a path below the address, with a slash in front, such as /articles/.")
    asked = _chosen(only)
    begun = time.monotonic()
    try:
        there = target(
            base_url, page=page, media_url=media_url, newsroom=site_is_newsroom, timeout=timeout, patience=patience
        )
    except (OSError, WireError) as error:
        raise LabError(f"{base_url} does not answer: {said(error, timeout)}") from error
    exceptions = known(deployment, files)
    together = [check for check in asked if not check.id.startswith(ALONE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = dict(
            zip(together, pool.map(lambda check: put(check, there, exceptions.get(check.id)), together), strict=True)
        )
    for check in asked:
        if check not in done:
            done[check] = put(check, there, exceptions.get(check.id))
    results = tuple(done[check] for check in asked)
    return Report(url=there.base, page=there.path, note=there.note, results=results, seconds=time.monotonic() - begun)


def check_deployment(running: Deployment, *, page: str | None = None, only: Collection[str] = ()) -> Report:
    """Put every check to a deployment of the book that runs, its known exceptions told as such.

    Of several sites the first is asked. `page` is None for the one that answered when it started; of the newsroom it is the
    first page, which names a picture.
    """
    first = running.places[0].path if running.places else ""
    own = [each for each in running.servers if isinstance(each, FrontEnd) and each is not running.front]
    files = {"lighttpd": "fastcgi-lighttpd", "nginx": "fastcgi-nginx"}[own[0].title] if own else None
    newsroom = running.site.folder == PROJECT
    report = run(
        running.origin + first,
        page=page or (None if newsroom else running.page),
        media_url=running.media_url,
        only=only,
        deployment=running.name,
        files=files,
    )
    return report if page else replace(report, note=" ".join(running.notes))


def _chosen(only: Collection[str]) -> list[Check]:
    every = checks()
    topics = {check.topic for check in every.values()}
    for name in only:
        if name not in every and name not in topics:
            raise OptionError(f"There is no check {name}. There are: {', '.join(sorted(topics))}; {', '.join(every)}.")
    return [check for check in every.values() if not only or check.id in only or check.topic in only]


def put(check: Check, there: Target, exception: Known | None = None) -> Result:
    """Put one check to a target."""
    missing = {
        "newsroom": not there.newsroom and "only the newsroom has the page",
        "media": _no_file(check, there),
        "any": False,
    }[check.needs]
    if missing:
        return _result(check, "skipped", "not asked", missing)
    begun = time.monotonic()
    try:
        ok, seen = check.look(there)
    except TimeoutError:
        ok, seen = False, f"no answer within {there.timeout:g} s"
    except (OSError, WireError) as error:
        ok, seen = False, f"no answer: {error}"
    except (LookupError, TypeError, ValueError) as error:  # an answer, and of another kind than the page gives
        ok, seen = False, f"an answer that cannot be read: {type(error).__name__}: {error}"[:200]
    took = time.monotonic() - begun
    if exception is None:
        return _result(check, "ok" if ok else "differs", seen, "" if ok else check.why, took)
    if not ok and exception.seen in seen:
        return _result(check, "excepted", seen, exception.why, took)
    # What is known of the newsroom need not be so of another site: a stale exception is then no fault of theirs.
    if not exception.always or not there.newsroom:
        return _result(check, "ok" if ok else "differs", seen, "" if ok else check.why, took)
    return _result(check, "stale", seen, f"The exception says that it differs: {exception.seen}", took)


def _no_file(check: Check, there: Target) -> str:
    """Why a check of files cannot be put; empty where it can. Of a file that is not there, one check says so, not all."""
    if not there.media:
        return f"{there.path} names no file of this host"
    if there.newsroom or check.id == "media-file":
        return ""
    try:
        status = there.page(there.media).status
    except (OSError, WireError):
        return ""  # the check itself says so
    path = urlsplit(there.media).path
    return "" if status == 200 else f"{path} answers {status}: manage.py collectstatic fills STATIC_ROOT"


def _result(check: Check, state: State, seen: str, note: str, seconds: float = 0.0) -> Result:
    return Result(id=check.id, topic=check.topic, title=check.title, state=state, seen=seen, note=note, seconds=seconds)


def said(error: OSError | WireError, timeout: float) -> str:
    """Why a server gave no first answer, and what to do about it."""
    match error:
        case ssl.SSLCertVerificationError():
            return (
                f"this machine does not trust its certificate ({error.verify_message}). SSL_CERT_FILE=/path/to/it.pem in front "
                "of the command makes it trusted, if it is yours."
            )
        case ssl.SSLError():
            return f"there is no TLS ({error.reason}). Is it http:// rather than https://?"
        case TimeoutError():
            return f"no answer within {timeout:g} s. Is it busy, or does something else listen there?"
        case WireError():
            return f"{error}. Does something else than a web server listen there, or one that speaks only https?"
        case _:
            return f"{error.strerror or error}. Is the server running, and is it that address?"
