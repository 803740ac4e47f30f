"""What a front-end has not said of an address: read as the front-end reads it, and never cut by length."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django_runfcgi.guard.address import path_of
from runfcgi_servers import Server

from labs.clients.fastcgi.client import ask, variables

Pair = Callable[..., dict[bool, Server]]


@pytest.mark.parametrize(
    ("uri", "script", "path"),
    [
        ("/a/b", "", "/a/b"),
        ("/", "", "/"),
        ("", "", ""),
        ("/paper/a%20b?c=/paper/d", "/paper", "/a b"),
        ("/%70aper/a", "/paper", "/a"),
        ("/paper%2fa", "/paper", "/a"),
        ("/paper/a", "/paper/", "/a"),
        ("/paper", "/paper", ""),
        ("/paper/", "/paper", "/"),
        ("/caf%C3%A9/a", "/caf\u00c3\u00a9", "/a"),  # WSGI's latin-1
        ("/a%FFb", "", "/a\u00ffb"),
        ("/a%252Fb", "", "/a%2Fb"),
        ("/a%0Ab/%0D", "", "/a\nb/\r"),
        ("/a/../b/./c", "", "/b/c"),
        ("/a/%2e%2e/b", "", "/b"),
        ("/a/b/..", "", "/a/"),
        ("/../../a", "", "/a"),
        ("/a//b/", "", "/a//b/"),
        ("/paper/../secret", "/paper", ""),
        ("/paperback/a", "/paper", ""),
        ("/PAPER/a", "/paper", ""),
        ("//paper/a", "/paper", ""),
        ("http://a.test/paper/a?b", "/paper", "/a"),
        ("http://a.test", "", "/"),
        ("*", "", "/"),
        # Decoded, a script's name is shorter than in the address; flup leaves what a visitor chose
        ("/paper/%0a%0a%0a/x/", "/paper/\n\n\n", "/x/"),
        ("/paper/%0a/x/", "/paper/\n/x/", "/"),
        ("/elsewhere/%0a/x/", "/paper/\n/x", ""),
    ],
)
def test_what_comes_after_the_name_of_the_script(uri: str, script: str, path: str) -> None:
    log = StringIO()
    assert path_of({"REQUEST_URI": uri, "SCRIPT_NAME": script, "wsgi.errors": log}) == path
    assert bool(log.getvalue()) is (path == "" and uri not in ("", script))


@pytest.mark.servers
def test_flup_cuts_by_length_and_ours_does_not(pair: Pair) -> None:
    """The first: a front-end whose regular expression stops at a line feed takes the whole address for the script's name."""
    asked = [("/paper/%0a%0a/secret/", "/paper/\n\n/secret/"), ("/paper/%73ecret/", "/paper"), ("/paper/a/", "/other")]
    seen = {}
    for plain, server in pair("threaded").items():
        with server.talk() as talk:
            seen[plain] = [
                ask(
                    talk, {**variables("/?path"), "SCRIPT_NAME": script, "PATH_INFO": "", "REQUEST_URI": uri}, keep=True
                ).body
                for uri, script in asked
            ]
    assert seen == {True: [b"ret/", b"/%73ecret/", b"/a/"], False: [b"/", b"/secret/", b""]}
