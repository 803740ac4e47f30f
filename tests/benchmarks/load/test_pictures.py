"""Which pictures of a page are fetched: those of the site, and no others."""

from __future__ import annotations

import pytest
from small_server import SmallServer

from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed
from benchmarks.users.pictures import pictures

AT = "http://127.0.0.1:8000/articles/1/"


@pytest.mark.parametrize(
    ("source", "fetched"),
    [
        ("/media/a.png", "/media/a.png"),
        ("/media/a.png?size=1&amp;kind=2", "/media/a.png?size=1&kind=2"),
        (" /media/a.png ", "/media/a.png"),
        ("a.png", "http://127.0.0.1:8000/articles/1/a.png"),
        ("../a.png", "http://127.0.0.1:8000/articles/a.png"),
        ("http://127.0.0.1:9000/media/a.png", "http://127.0.0.1:9000/media/a.png"),
        ("https://127.0.0.1:8000/media/a.png", None),
        ("http://pictures.example/a.png", None),
        ("//pictures.example/a.png", None),
        ("data:image/png;base64,AAAA", None),
        ("", None),
    ],
)
def test_a_picture_is_fetched_where_it_is_the_sites(source: str, fetched: str | None) -> None:
    for quote in ('"', "'"):
        page = f'<IMG class="a"\n src={quote}{source}{quote} alt="">'.encode()
        assert pictures(AT, page) == ([fetched] if fetched else [], 0 if fetched else 1)


def test_each_picture_once_and_only_those_below() -> None:
    page = b'<img src="/media/a.png"><img src="/media/a.png"><img src="/static/b.png"><img src="/media/c.png">'
    assert pictures(AT, page) == (["/media/a.png", "/static/b.png", "/media/c.png"], 0)
    assert pictures(AT, page, "/media/") == (["/media/a.png", "/media/c.png"], 1)
    assert pictures(AT, b"\xff <p>no picture</p>") == ([], 0)


@pytest.mark.servers
def test_a_browser_asks_nobody_else(generator: Generator, server: SmallServer) -> None:
    """A page that names a picture of another host, one within itself, and one that is elsewhere on the site."""
    load = generator.trial(server.url, Closed(users=1, page="/elsewhere/", user="browser"), warmup=0.1, window=0.4)
    assert not load.failures
    assert load.pages > 0
    assert load.requests == pytest.approx(3 * load.pages, abs=3), "the page and the two pictures of its own"
    below = Closed(users=1, page="/elsewhere/", user="browser", settings={"below": "/media/"})
    load = generator.trial(server.url, below, warmup=0.1, window=0.4)
    assert not load.failures
    assert load.requests == pytest.approx(2 * load.pages, abs=2)
