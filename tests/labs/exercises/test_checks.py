"""The book's exercises: a right answer passes, and each wrong one gets its hint."""

from __future__ import annotations

from typing import Any

import pytest

from labs.errors import OptionError
from labs.exercises import check, names

pytestmark = pytest.mark.servers


def logging_of(level: str) -> dict[str, object]:
    """LOGGING that sends what Django says of requests, from a level on, to standard error."""
    handlers = {"stderr": {"class": "logging.StreamHandler"}}
    loggers = {"django.request": {"handlers": ["stderr"], "level": level}}
    return {"version": 1, "disable_existing_loggers": False, "handlers": handlers, "loggers": loggers}


TIMED = {"order"}  # compares how long answers take

RIGHT: dict[str, dict[str, Any]] = {
    "by-hand": {"params": {"SCRIPT_NAME": "/paper", "PATH_INFO": "/whoami/"}},
    "runfcgi": {
        "options": [
            "method=threaded",
            "socket={folder}/site.sock",
            "pidfile={folder}/site.pid",
            "daemonize=false",
            "minspare=3",
            "maxspare=3",
            "maxchildren=3",
        ]
    },
    "broken-record": {"data": bytes([1, 1, 0, 1, 0, 3, 0, 0]) + b"abc"},
    "python-path": {"path": "['{project}', '{handler}', '{packages}'] + sys.path"},
    "interpreters": {"lines": ["PythonInterpPerDirective On"]},
    "renew": {"signal": "SIGUSR1"},
    "eight-at-once": {"mpm": "event", "threads": 8},
    "fit-in": {"workers": 7},
    "restart": {"steps": ["stop runfcgi", "start runfcgi", "stop runfcgi-2", "start runfcgi-2"]},
    "allowed-hosts": {"hosts": ["127.0.0.1"]},
    "two-at-once": {"workers": 1, "threads": 2},
    "media": {"media": "own"},
    "sorry-page": {"lines": ['ErrorDocument 503 "/sorry.html"']},
    "host-pattern": {"pattern": r"^(www\.)?shop\.test(:[0-9]+)?$"},
    "swap": {"buffers": "fastcgi-nginx"},
    "location-match": {"pattern": r"^/media/.*\.(jpg|gif|png|svg)$"},
    "error-log": {"logging": logging_of("ERROR")},
    "culprit": {"modules": ["almanac.sun", "almanac.moon"]},
    "keep-alive": {"keepalive": 0.2},
    "fresh-enough": {"cache_pages": 2},
    "counts": {"status": 200, "marker": "Guitar left on the roller rink bench turns out to be from 1928 ·"},
    "little": {"workers": 5},
    "order": {"runs": "ABBABAAB"},
}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("by-hand", {"params": {}}, "SCRIPT_NAME"),
    ("by-hand", {"params": {"PATH_INFO": "/paper/whoami/"}}, "PATH_INFO"),
    ("runfcgi", {"options": ["method=threaded", "socket={folder}/site.sock"]}, "daemonize=false"),
    ("runfcgi", {"options": ["socket={folder}/site.sock", "daemonize=false"]}, "prefork"),
    ("runfcgi", {"options": ["method=threaded", "socket={folder}/site.sock", "daemonize=false"]}, "minspare"),
    ("broken-record", {"data": bytes([1, 1, 0, 1, 0, 8, 0, 0]) + b"half"}, "only makes it wait"),
    ("python-path", {"path": "['{project}', '{handler}', '{packages}']"}, "sys.path"),
    ("python-path", {"path": "['{project}', '{packages}'] + sys.path"}, "PythonHandler names"),
    ("python-path", {"path": "['{project}', '{handler}'] + sys.path"}, "imports Django"),
    ("python-path", {"path": "['{handler}', '{packages}'] + sys.path"}, "of the project"),
    ("python-path", {"path": '"'}, "single ones"),
    ("interpreters", {"lines": []}, "fills the interpreter"),
    ("interpreters", {"lines": ["PythonInterpreter shop"]}, "fills the interpreter"),
    ("interpreters", {"lines": "PythonInterpPerDirective On"}, "a list of lines"),
    ("renew", {"signal": "SIGHUP"}, "graceful"),
    ("renew", {"signal": "graceful"}, "a name such as SIGTERM"),
    ("fit-in", {"workers": 4}, "Divide what is left"),
    ("fit-in", {"workers": 10}, "the price of three"),
    ("eight-at-once", {"mpm": "prefork", "threads": 1}, "a Django of its own"),
    ("eight-at-once", {"mpm": "event", "threads": 1}, "a Django of its own"),
    ("restart", {"steps": []}, "Each of them"),
    ("restart", {"steps": ["restart runfcgi"]}, "The steps are"),
    (
        "restart",
        {"steps": ["stop runfcgi", "stop runfcgi-2", "start runfcgi", "start runfcgi-2"]},
        "one of the two must run",
    ),
    ("allowed-hosts", {"hosts": []}, "400"),
    ("allowed-hosts", {"hosts": ["*"]}, "star"),
    ("two-at-once", {"workers": 2, "threads": 1}, "processes"),
    ("two-at-once", {"workers": 1, "threads": 1}, "sync worker"),
    ("media", {"media": "front-end"}, "MEDIA_URL"),
    ("media", {"media": "nobody"}, "'own'"),
    ("sorry-page", {"lines": []}, "ErrorDocument says"),
    ("sorry-page", {"lines": ['ErrorDocument 503 "http://127.0.0.1/sorry.html"']}, "redirect"),
    ("sorry-page", {"lines": ['ErrorDocument 503 "/sorry.html"', 'ErrorDocument 404 "/sorry.html"']}, "Only 503"),
    ("sorry-page", {"lines": ['RewriteRule "^/hello/$" "/sorry.html" [L]']}, "in which nobody answers"),
    ("sorry-page", {"lines": ["ErrorDokument 503"]}, "Invalid command 'ErrorDokument'"),
    ("host-pattern", {"pattern": r"^shop\.test$"}, "optional part"),
    ("host-pattern", {"pattern": r"^(www\.)?shop\.test$"}, "adds a port"),
    ("host-pattern", {"pattern": r"^(www\.)?shop.test(:[0-9]+)?$"}, "backslash"),
    ("host-pattern", {"pattern": r"shop\.test(:[0-9]+)?$"}, "Without ^"),
    ("host-pattern", {"pattern": r"^(www\.)?shop\.test"}, "Without $"),
    ("host-pattern", {"pattern": "^(shop"}, "lighttpd ended at once"),
    ("swap", {"buffers": "gunicorn-nginx"}, "check_deployment"),
    ("swap", {"buffers": "nginx"}, "The two are"),
    ("location-match", {"pattern": r"\.(jpg|gif|png|svg)$"}, "beginning"),
    ("location-match", {"pattern": r"\.(jpg|gif|png)$"}, "any part"),
    ("location-match", {"pattern": "^/media/"}, "path alone"),
    ("location-match", {"pattern": '"'}, "double quotes"),
    ("location-match", {"pattern": "("}, "Regex"),
    ("error-log", {"logging": {"version": 1}}, "django.request"),
    ("error-log", {"logging": logging_of("WARNING")}, "is a warning"),
    ("error-log", {"logging": {"handlers": {}}}, "version"),
    ("error-log", {"logging": "ERROR"}, "a dictionary"),
    ("culprit", {"modules": ["almanac.tides"]}, "lists what it imports"),
    ("culprit", {"modules": ["almanac.moon"]}, "One more is needed"),
    ("culprit", {"modules": ["json", "almanac.sun", "almanac.moon"]}, "without that one"),
    ("keep-alive", {"keepalive": 0}, "off"),
    ("keep-alive", {"keepalive": 5}, "timeout"),
    ("fresh-enough", {"cache_pages": 0}, "0 caches nothing"),
    ("fresh-enough", {"cache_pages": 60}, "older than two seconds"),
    ("counts", {"status": 404, "marker": "Guitar"}, "has a status and a text"),
    ("counts", {"status": 200, "marker": "The Bluestem Lantern"}, "no other page has"),
    ("little", {"workers": 2}, "rate times time"),
    ("little", {"workers": 50}, "whole Django"),
    ("order", {"runs": "AB"}, "as one word"),
    ("order", {"runs": "ABABABAB"}, "always the later one"),
]


def test_every_exercise_is_tried_here() -> None:
    assert set(names()) == set(RIGHT)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.alone if name in TIMED else ()) for name in RIGHT]
)
def test_a_right_answer_passes(name: str) -> None:
    outcome = check(name, **RIGHT[name])
    assert outcome.passed, outcome
    assert repr(outcome).endswith("Solved.")


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_answer_gets_a_hint(name: str, answer: dict[str, Any], hint: str) -> None:
    outcome = check(name, **answer)
    assert not outcome.passed
    assert hint in outcome.lines()[-1]


def test_an_unknown_exercise_and_an_unknown_part() -> None:
    with pytest.raises(OptionError, match="Did you mean keep-alive"):
        check("keepalive", keepalive=1)
    with pytest.raises(OptionError, match="keepalive=…"):
        check("keep-alive", seconds=1)
