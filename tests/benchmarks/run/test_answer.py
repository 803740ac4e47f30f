"""What a page is, as it is told in a regime."""

from __future__ import annotations

import pytest
from small_server import SmallServer

from benchmarks.plan.workload import Expectation
from benchmarks.run import answer
from benchmarks.run.answer import Answer
from benchmarks.run.verify import VerificationError


def made(**changes: object) -> Answer:
    plain = {"type": "text/html", "bytes": 5123, "encoding": "", "cookies": (), "steady": True}
    return Answer(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "text/html, 5.1 kB"),
        ({"bytes": 1}, "text/html, 1 byte"),
        ({"bytes": 812, "cookies": ("csrftoken", "sessionid")}, "text/html, 812 bytes, sets csrftoken and sessionid"),
        ({"bytes": 48_123, "encoding": "gzip", "steady": False}, "text/html, about 48 kB of gzip"),
        ({"bytes": 2_345_678}, "text/html, 2.3 MB"),
        ({"pictures": 1, "others": 2}, "text/html, 5.1 kB, with 1 picture of media, 2 other pictures not fetched"),
    ],
)
def test_in_words(changes: dict[str, object], said: str) -> None:
    assert str(made(**changes)) == said


@pytest.mark.servers
def test_a_page_is_asked_for(server: SmallServer) -> None:
    found = answer.ask(server.url, "/elsewhere/", Expectation(), below="/media/")
    assert (found.type, found.encoding, found.cookies, found.steady) == ("text/html", "", (), True)
    assert (found.pictures, found.others) == (1, 3)
    assert answer.ask(server.url, "/", Expectation()).bytes == len("<p>hello</p>")
    assert answer.ask(server.url, "/", Expectation()).pictures is None


@pytest.mark.servers
def test_a_page_that_does_not_count_is_refused(server: SmallServer) -> None:
    with pytest.raises(VerificationError, match="expected status 200, saw status 302"):
        answer.ask(server.url, "/moved/", Expectation())
