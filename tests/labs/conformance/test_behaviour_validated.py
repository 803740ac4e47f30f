"""Held against what nobody here wrote: wsgiref.validate stands between each server and the site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest

from labs import Site, deploy
from labs.conformance import check_deployment
from labs.deployments.catalogue import ARRANGEMENTS
from labs.newsroom import site as newsroom
from labs.runtime.deployment import Deployment
from labs.shop import site as shop

pytestmark = pytest.mark.servers
HERE = Path(__file__).parent / "site"

# Every method, body, stream, cookie, query and path by which the sides of the contract meet
DRIVEN = (
    *("bodies", "prefix", "header-cookies", "header-bytes", "path-utf8", "path-bytes", "path-slash"),
    *("query-raw", "stream-whole", "status-304", "status-405", "error-500"),
)
FIRST = {kind.interface: name for name, kind in reversed(ARRANGEMENTS.items())}


def watched(site: Site, settings: str) -> Site:
    """The site with the validator around its application, whichever way a server finds that."""
    return replace(site, settings=settings, wsgi="validated:application", manage=None, lent=(HERE,))


@contextmanager
def watching(name: str, **variables: str) -> Iterator[Deployment]:
    """A deployment whose sites are all watched; of two sites each has a path of its own."""
    first = watched(newsroom(), "validated_settings")
    first = replace(first, environment={**first.environment, **variables})
    if ARRANGEMENTS[name].sites == 1:
        with deploy(name, site=first) as running:
            yield running
    else:
        second = watched(shop(), "validated_shop_settings")
        with deploy(name, site=first, other=second, by="path") as running:
            yield running


def complaints(running: Deployment) -> list[str]:
    """What the validator said: an assertion is a 500 and a traceback in the log, the rest a warning there."""
    signs = ("AssertionError", "WSGIWarning", "garbage collected without being closed")
    return [line for line in running.log().splitlines() if any(sign in line for sign in signs)]


def asked(running: Deployment, method: str, path: str, body: bytes | None = None) -> int:
    """The status of an answer of the second site."""
    connection = HTTPConnection(running.origin.removeprefix("http://"), timeout=10)
    connection.request(method, running.places[1].path + path, body=body)
    status = connection.getresponse().status
    connection.close()
    return status


# CGI starts Django for each of some forty requests
NAMES = [pytest.param(name, marks=pytest.mark.slow if name == "cgi-lighttpd" else ()) for name in ARRANGEMENTS]


@pytest.mark.parametrize("name", NAMES)
def test_server_and_site_keep_the_contract_of_wsgi(name: str, run_folder: Path) -> None:
    with watching(name) as running:
        report = check_deployment(running, only=DRIVEN)
        if len(running.places) == 2:
            seen = [
                asked(running, *request)
                for request in (("GET", "/"), ("HEAD", "/"), ("GET", "/goods/caf%C3%A9/?q=%C3%A9"))
            ]
            assert seen == [200, 200, 404]
            assert [asked(running, "POST", "/basket/", body) for body in (b"", b"good=mug")] == [403, 403]  # no token
        said = complaints(running)
    assert said == []
    assert report.passed, report


@pytest.mark.parametrize("interface", FIRST)
def test_a_gateway_that_breaks_the_contract_is_seen(interface: str, run_folder: Path) -> None:
    with watching(FIRST[interface], GATEWAY="wrong") as running:
        report = check_deployment(running, only=["body-empty", "body-binary"])
        said = complaints(running)
    assert [(result.state, result.seen) for result in report.results] == [
        ("ok", "POST, 0 bytes, the same"),
        ("differs", "500"),
    ]
    assert "should not have the key: HTTP_CONTENT_LENGTH" in "\n".join(said)


@pytest.mark.parametrize(
    "interface", [each for each in FIRST if each != "WSGI"]
)  # gunicorn sends both answers' headers
def test_an_answer_may_take_the_place_of_one_that_failed(interface: str, run_folder: Path) -> None:
    with deploy(FIRST[interface], site=Site(folder=HERE, settings="again", wsgi="again:application")) as running:
        answer = running.get("/elsewhere/")
    names = {name for name, _ in answer.headers}
    assert (answer.status, answer.text, answer.header("Content-Type")) == (503, "an answer", "text/html")
    assert "X-Second" in names and not names & {"X-First", "Set-Cookie"}
