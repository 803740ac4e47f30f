"""The same site behind every server passes the same suite, or carries its exception."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs import deploy
from labs.conformance import Report, check_deployment
from labs.conformance.check import TOPICS, checks
from labs.conformance.exceptions import KNOWN, known
from labs.deployments.catalogue import names
from labs.paths import TOP

pytestmark = pytest.mark.servers

ALL = tuple(TOPICS)

# A site below a path, and the other process models: what can differ there
VARIANTS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "gunicorn-nginx below a path": ("gunicorn-nginx", {"at": "/paper"}, ("prefix", "paths", "media", "static")),
    "fastcgi-nginx below a path": ("fastcgi-nginx", {"at": "/paper"}, ("prefix", "paths", "media", "static")),
    "fastcgi-lighttpd below a path": ("fastcgi-lighttpd", {"at": "/paper"}, ("prefix", "paths", "media", "static")),
    "fastcgi-apache below a path": ("fastcgi-apache", {"at": "/paper"}, ("prefix", "paths", "media", "static")),
    "fastcgi-lighttpd, two back-ends": ("fastcgi-lighttpd", {"backends": 2}, ALL),
    "fastcgi-apache, two back-ends": ("fastcgi-apache", {"backends": 2}, ALL),
    "gunicorn-lighttpd, two back-ends": ("gunicorn-lighttpd", {"backends": 2}, ALL),
    "gunicorn-apache, two back-ends": ("gunicorn-apache", {"backends": 2}, ALL),
    "gunicorn-apache below a path": ("gunicorn-apache", {"at": "/paper"}, ("prefix", "paths", "media", "static")),
    "sites-apache by path": ("sites-apache", {"by": "path"}, ("prefix", "identity")),
    "modpython-apache below a path": ("modpython-apache", {"at": "/paper"}, ("prefix", "paths", "media", "static")),
    "modwsgi-apache below a path": ("modwsgi-apache", {"at": "/paper"}, ("prefix", "paths", "media", "static")),
    "sites-modpython by path": ("sites-modpython", {"by": "path"}, ("prefix", "identity")),
    "sites-modwsgi by path": ("sites-modwsgi", {"by": "path"}, ("prefix", "identity")),
    "sites-modwsgi, embedded": ("sites-modwsgi", {"mode": "embedded"}, ("status", "identity")),
    "modwsgi-apache, embedded": (
        "modwsgi-apache",
        {"mode": "embedded", "mpm": "prefork", "workers": 3},
        ("status", "bodies", "streaming", "limits", "methods"),
    ),
    "gunicorn, a server of files beside it": ("gunicorn", {"media": "own"}, ("media", "static")),
    "fastcgi-apache, a server of files beside it": ("fastcgi-apache", {"media": "own"}, ("media", "static")),
    "fastcgi-apache, event": (
        "fastcgi-apache",
        {"mpm": "event"},
        ("status", "bodies", "streaming", "limits", "methods"),
    ),
    "fastcgi-nginx, prefork": ("fastcgi-nginx", {"method": "prefork"}, ("bodies", "streaming", "limits", "methods")),
}

# By which Django is told that a request came
WAYS = {"gunicorn-nginx": "HTTP", "fastcgi-nginx": "FastCGI", "cgi-lighttpd": "CGI"}


def faults(report: Report) -> str:
    return "\n".join(report.lines(everything=False)) if not report.passed else ""


# CGI starts Django for each of some two hundred requests; two sites in one Apache are one twice.
SLOW = ("cgi-lighttpd", "sites-modpython", "sites-modwsgi")
SLOWLY = (pytest.mark.slow, pytest.mark.timeout(400))
NAMES = [pytest.param(name, marks=SLOWLY if name in SLOW else ()) for name in names()]


@pytest.mark.parametrize("name", NAMES)
def test_a_deployment_behaves(name: str, run_folder: Path) -> None:
    with deploy(name) as running:
        report = check_deployment(running)
    assert not faults(report)
    assert report.count["skipped"] == 0
    assert len(report.exceptions) <= len(known(name))
    assert report["limit-request-16"].seen.startswith("200, "), "it arrives behind all of ours"
    if name in WAYS:
        assert report["server-way"].seen.endswith(f"Django by {WAYS[name]}")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_behaves(variant: str, run_folder: Path) -> None:
    name, options, topics = VARIANTS[variant]
    with deploy(name, **options) as running:
        report = check_deployment(running, only=topics)
    assert not faults(report)


# What a front-end does without a line of ours: the file, the line, and what the suite then sees
WITHOUT = {
    "gunicorn-nginx": {
        ("nginx.conf", "proxy_buffer_size     32k;"): {"limit-answer-8": "502, ", "limit-cookies": "502, "},
        ("nginx.conf", "large_client_header_buffers  4 16k;"): {"limit-request-16": "400, "},
        ("gunicorn.conf.py", "limit_request_line = 8190"): {"limit-address": "414, "},
    },
    "modwsgi-apache": {
        ("apache.conf", "TraceEnable        Off"): {"method-trace": "200, the cookie comes back"},
        ("apache.conf", "LimitRequestFieldSize 16384"): {"limit-request-16": "400, "},
    },
    "fastcgi-lighttpd": {
        ("lighttpd.conf", "server.max-request-field-size = 16384"): {"limit-request-16": "431, "},
        ("lighttpd.conf", '"method-get-body" => "enable"'): {"method-get-body": "refused, 400"},
    },
}


@pytest.mark.parametrize("name", WITHOUT)
def test_a_front_end_without_our_lines_is_seen(name: str, run_folder: Path) -> None:
    deployment = deploy(name)
    wanted = {}
    for (file, line), seen in WITHOUT[name].items():
        deployment.edit(file, line)
        wanted |= seen
    with deployment as running:
        report = check_deployment(running, only=wanted)
    for check, seen in wanted.items():
        assert report[check].seen.startswith(seen), check
        # A refusal is an answer; an error of the front-end's in the place of the site's, or a cookie given away, is none
        refused = check in ("limit-request-16", "method-get-body")
        assert report[check].state == ("ok" if refused else "differs"), check


def test_every_exception_names_a_deployment_and_a_check_that_exist() -> None:
    for exception in KNOWN:
        assert exception.check in checks()
        assert set(exception.deployments) <= set(names())
        assert exception.why.endswith(".")


def test_every_topic_has_checks_whose_ids_begin_alike() -> None:
    by_topic = {topic: [check.id for check in checks().values() if check.topic == topic] for topic in TOPICS}
    assert all(by_topic.values())
    heads = {topic: {id_.partition("-")[0] for id_ in ids} for topic, ids in by_topic.items()}
    assert heads["paths"] == {"path", "query"}
    assert all(len(found) == 1 for topic, found in heads.items() if topic != "paths")
    page = (TOP / "book/shared/swap.ipynb").read_text("utf-8")
    assert (len(TOPICS), len(checks()) > 100) == (14, True)
    assert "more than a hundred checks in fourteen groups" in page


def test_an_upload_that_is_refused_may_meet_a_broken_pipe_behind_nginx() -> None:
    """The exception of a race: nothing else than the two answers, and the second with its reason in the log."""
    with deploy("gunicorn-nginx") as running:
        seen = [check_deployment(running, only=["body-unread"])["body-unread"] for _ in range(100)]
        log = running.log("nginx-error.log")
    assert {(result.state, result.seen) for result in seen} <= {("ok", "405"), ("excepted", "502")}
    lost = sum(result.seen == "502" for result in seen)
    assert log.count("while sending request to upstream") == lost
