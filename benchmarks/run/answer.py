"""What the page of a reader's site is, asked of real servers before anything is measured."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.run.verify import Promise, verify
from benchmarks.users.pictures import pictures
from labs.clients import probe

if TYPE_CHECKING:
    from benchmarks.plan.workload import Expectation

# What the load generator says that it takes (Locust's FastHttpUser): a site that compresses does so for it.
ACCEPTED = {"Accept-Encoding": "gzip, deflate, br"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One page, as a visitor who has not been there before is given it.

    type      the media type
    bytes     of the body, compressed where the site does that
    encoding  how it is compressed, empty where it is not
    cookies   names of the cookies that it sets
    steady    whether a second answer had as many bytes
    pictures  that are fetched with it, and `others`, which the page names too and nobody fetches; None where only the page is
    """

    type: str
    bytes: int
    encoding: str
    cookies: tuple[str, ...]
    steady: bool
    pictures: int | None = None
    others: int = 0

    def __str__(self) -> str:
        """Such as "text/html, 5.1 kB, sets sessionid"."""
        size = weight(self.bytes) + (f" of {self.encoding}" if self.encoding else "")
        parts = [self.type, size if self.steady else f"about {size}"]
        if self.cookies:
            parts.append(f"sets {words.listed(self.cookies)}")
        if self.pictures is not None:
            parts.append(f"with {words.counted(self.pictures, 'picture')} of media")
        if self.others:
            parts.append(f"{words.counted(self.others, 'other picture')} not fetched")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """As the record keeps it."""
        return {**asdict(self), "cookies": list(self.cookies)}


def ask(url: str, page: str, expectation: Expectation, below: str | None = None) -> Answer:
    """Ask a running deployment for its page.

    below  where pictures of media lie, if they are fetched with the page

    Raises VerificationError where the answer is not one that would count.
    """
    plain = verify(url, (page,), expectation, Promise())[0]
    first, second = (probe.get(url + page, headers=ACCEPTED) for _ in range(2))
    cookies = [value.partition("=")[0].strip() for name, value in second.headers if name.lower() == "set-cookie"]
    fetched, others = pictures(url + page, plain.body, below) if below is not None else (None, 0)
    return Answer(
        type=(second.header("Content-Type") or "no type").partition(";")[0].strip(),
        bytes=len(second.body),
        encoding=second.header("Content-Encoding") or "",
        cookies=tuple(sorted(set(cookies))),
        steady=len(first.body) == len(second.body),
        pictures=None if fetched is None else len(fetched),
        others=others,
    )


def weight(size: int) -> str:
    """Bytes in words: 812 bytes, 5.1 kB, 2.3 MB."""
    for unit, each in (("MB", 1_000_000), ("kB", 1000)):
        if size >= each:
            return f"{words.number(size / each)} {unit}"
    return words.counted(size, "byte")
