"""Before the clock runs: is a comment that is posted to an arm there afterwards?"""

from __future__ import annotations

import http.client
import uuid
from urllib.parse import urlencode, urlsplit

from benchmarks.run.verify import TIMEOUT, VerificationError
from benchmarks.users import form

ARTICLE = 1


def verify(url: str) -> None:
    """Post one comment, follow where the form leads, and find the comment there. Raises VerificationError."""
    said = f"Before the clock runs: {uuid.uuid4()}"
    try:
        place = _post(url, said)
        status, _, page = _ask(url, "GET", place.partition("#")[0])
    except (OSError, http.client.HTTPException) as error:
        raise VerificationError(f"{url} took no comment: {type(error).__name__}: {error}") from error
    if status != 200 or said not in page:
        raise VerificationError(f"a comment was posted to {url}, and {place} (status {status}) does not show it")


def _post(url: str, said: str) -> str:
    """The path that the form leads to."""
    where = form.address(ARTICLE)
    status, headers, page = _ask(url, "GET", where)
    token = form.token(page)
    if status != 200 or token is None:
        raise VerificationError(f"{url}{where} (status {status}) shows no form for comments")
    body = urlencode(form.fields(token, said))
    sent = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": (headers["Set-Cookie"] or "").partition(";")[0],
    }
    status, headers, page = _ask(url, "POST", where, body, sent)
    if status != 302:
        raise VerificationError(f"a comment posted to {url}{where} was answered {status}, not 302: {page[:200]!r}")
    return headers["Location"] or ""


def _ask(
    url: str, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, str]:
    """Status, headers and text of one answer, on a connection of its own."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    try:
        connection.request(method, address.path + path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()
