"""The server that is asked: where it is, and how a request is put to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urljoin, urlsplit

from labs.conformance.wire import Answer, Wire
from labs.errors import LabError
from labs.runtime import firstpage

Headers = Iterable[tuple[str, str | bytes]]
MISSING = "/no-such-page-7f3a/"
HELLO = b"Hello from the Lantern\n"
UNREAD = (400, 413, 414, 431)  # what a request gets that was not read to its end


@dataclass(frozen=True, kw_only=True)
class Target:
    """A site at an address.

    base      where its pages begin, without a slash at the end: http://127.0.0.1:8000 or http://127.0.0.1:8000/paper
    path      below it, the page that is asked for where any would do
    note      what a reader should know of that page: where it leads
    media     the whole address of one media file, empty when there is none
    newsroom  whether it has the newsroom's pages
    timeout   seconds that one conversation may take
    """

    base: str
    path: str = "/"
    note: str = ""
    media: str = ""
    newsroom: bool = False
    timeout: float = 10.0
    _answers: dict[str, Answer] = field(default_factory=dict, repr=False, compare=False)

    @property
    def prefix(self) -> str:
        """The path below which the site lives: empty at the root of the host."""
        return urlsplit(self.base).path

    @property
    def netloc(self) -> str:
        return urlsplit(self.base).netloc

    @property
    def absent(self) -> tuple[int, ...]:
        """Statuses that an address may have which is none. A site that asks every stranger to log in, or sends every one
        elsewhere, does so before it looks whether there is a page."""
        return (404,) if self.newsroom else (404, 410, 401, 403, *firstpage.REDIRECTS)

    def connect(self, *, url: str = "", timeout: float = 0.0, receive: int = 0) -> Wire:
        """A new connection to the site, or to the host of `url`. receive is the size of the receiving buffer, in bytes."""
        parts = urlsplit(url or self.base)
        tls = parts.scheme == "https"
        return Wire(
            parts.hostname or "",
            parts.port or (443 if tls else 80),
            tls=tls,
            timeout=timeout or self.timeout,
            receive=receive,
        )

    def head(self, path: str, method: str = "GET", headers: Headers = (), *, version: str = "HTTP/1.1") -> bytes:
        """A request up to its empty line. The path goes out as it is, below the site's own; a whole address as its path."""
        parts = urlsplit(path) if path.startswith("http") else None
        target = self.prefix + path if parts is None else parts.path + (f"?{parts.query}" if parts.query else "")
        fields: list[tuple[str, str | bytes]] = list(headers)
        if not any(name.lower() == "host" for name, _ in fields):
            fields.insert(0, ("Host", parts.netloc if parts else self.netloc))
        lines = [f"{method} {target} {version}".encode("latin-1")]
        for name, value in fields:
            lines.append(
                name.encode("latin-1") + b": " + (value if isinstance(value, bytes) else value.encode("latin-1"))
            )
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def ask(
        self,
        path: str = "/",
        method: str = "GET",
        headers: Headers = (),
        body: bytes | None = None,
        *,
        version: str = "HTTP/1.1",
    ) -> Answer:
        """One request on a connection of its own, read to its end.

        Raises OSError or WireError when there is no whole answer.
        """
        fields = [*headers, ("Connection", "close")]
        if body is not None:
            fields.append(("Content-Length", str(len(body))))
        with self.connect(url=path if path.startswith("http") else "") as wire:
            wire.send(self.head(path, method, fields, version=version))
            if body:
                try:
                    wire.send(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it may have answered before it had read everything: the answer says so
            answer = wire.answer(method)
            if answer.framing == "close":
                return answer
            try:
                return replace(answer, rest=wire.to_the_end())
            except ConnectionResetError:
                # Who refuses a request need not read the rest of it, and to close then means to reset (RFC 9112, 9.6)
                if answer.status not in UNREAD:
                    raise
                return replace(answer, rest=wire.held)

    def page(self, path: str) -> Answer:
        """The answer to a plain GET, asked for once: many checks look at the same one."""
        if path not in self._answers:
            self._answers[path] = self.ask(path)
        return self._answers[path]


class NoPageError(LabError):
    """The page that was to be asked for is no page that can be looked at."""


def target(
    base_url: str,
    *,
    page: str | None = None,
    media_url: str | None = None,
    newsroom: bool | None = None,
    timeout: float = 10.0,
    patience: float | None = None,
) -> Target:
    """Look at an address: is it the newsroom, does its page answer, and which media file can be asked for?

    page       the path that is asked for; None is the first page, "/". Where it leads to another page of the site, that one
    media_url  where media files begin: a file below it is taken before any other image, style sheet or script of the host
    newsroom   None finds out
    patience   seconds that the first answer may take; None for `timeout`

    Raises OSError or WireError when nothing answers, NoPageError for a page that is none.
    """
    found = Target(base=base_url.rstrip("/"), timeout=timeout)
    path = page or "/"
    if patience is not None:
        replace(found, timeout=patience).page(path)  # which keeps the answer for both

    def ask(path: str) -> tuple[int, str]:
        answer = found.page(path)
        return answer.status, answer.header("Location")

    first = firstpage.look(ask, path, base=found.base)
    if first.problem:
        raise NoPageError(f"{found.base}{path} cannot be checked: {first.problem}. {first.advice}")
    if newsroom is None:
        newsroom = found.page("/hello/").body == HELLO
    note = f"{first.note}. {first.advice}" if first.note else ""
    file = _file(found.page(first.path), found.base + first.path, media_url)
    return replace(found, path=first.path, note=note, media=file, newsroom=newsroom)


def _file(page: Answer, address: str, media_url: str | None) -> str:
    """The address of the first picture or, without one, of the first style sheet or script that a page names; of those
    below `media_url` if there are any."""
    files = []
    for tag, name in re.findall(r"""<(img|link|script)\b[^>]*?\b(?:src|href)=["']?([^"'\s>]+)""", page.text):
        try:
            whole = quote(urljoin(address, name), safe=":/?&=%")
            parts = urlsplit(whole)
        except ValueError:  # a page may name what is no address
            continue
        if "." in parts.path.rpartition("/")[2]:
            files.append((tag, whole, parts.netloc))
    ours = [(tag, whole) for tag, whole, netloc in files if netloc == urlsplit(address).netloc]
    media = [(tag, whole) for tag, whole, _ in files if media_url and whole.startswith(media_url)]
    wanted = (
        whole for some in (media, ours) for kind in ("img", "link", "script") for tag, whole in some if tag == kind
    )
    return next(wanted, "")
