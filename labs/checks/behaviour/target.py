"""The server that is asked: where it is, and how a request is put to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urljoin, urlsplit

from labs.checks.behaviour.wire import Answer, Wire

Headers = Iterable[tuple[str, str | bytes]]
MISSING = "/no-such-page-7f3a/"
HELLO = b"Hello from the Lantern\n"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A site at an address.

    base      where its pages begin, without a slash at the end: http://127.0.0.1:8000 or http://127.0.0.1:8000/paper
    media     the whole address of one media file, empty when there is none
    newsroom  whether it has the newsroom's pages
    timeout   seconds that one conversation may take
    """

    base: str
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
            return replace(answer, rest=wire.to_the_end())

    def page(self, path: str) -> Answer:
        """The answer to a plain GET, asked for once: many checks look at the same one."""
        if path not in self._answers:
            self._answers[path] = self.ask(path)
        return self._answers[path]


def target(
    base_url: str, *, media_url: str | None = None, newsroom: bool | None = None, timeout: float = 10.0
) -> Target:
    """Look at an address: is it the newsroom, and which media file can be asked for?

    media_url  where media files begin; a file is then found in the front page. None looks there for any image, style
               sheet or script of the same host
    newsroom   None finds out

    Raises OSError or WireError when nothing answers.
    """
    found = Target(base=base_url.rstrip("/"), timeout=timeout)
    page = found.page("/")
    if newsroom is None:
        newsroom = found.page("/hello/").body == HELLO
    return replace(found, media=_file(page, found.base + "/", media_url), newsroom=newsroom)


def _file(page: Answer, base: str, media_url: str | None) -> str:
    """The address of the first picture or, without one, of the first style sheet or script that a page names."""
    found = re.findall(r"""<(img|link|script)\b[^>]*?\b(?:src|href)=["']?([^"'\s>]+)""", page.text)
    for tag in ("img", "link", "script"):
        for kind, address in found:
            try:
                whole = quote(urljoin(base, address), safe=":/?&=%")
                host = urlsplit(whole).netloc
            except ValueError:  # a page may name what is no address
                continue
            ours = whole.startswith(media_url) if media_url else host == urlsplit(base).netloc
            if kind == tag and ours and "." in urlsplit(whole).path.rpartition("/")[2]:
                return whole
    return ""
