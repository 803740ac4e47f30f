"""Each topic's checks can fail: on small servers that are wrong on purpose."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.conformance import run
from labs.conformance.check import checks
from labs.conformance.exceptions import Known
from labs.conformance.runner import put
from labs.conformance.target import target
from labs.errors import LabError, OptionError

Serve = Callable[[type[http.server.BaseHTTPRequestHandler]], str]
PICTURE = bytes(range(200))


class Wrong(http.server.BaseHTTPRequestHandler):
    """Answers everything, and nearly everything wrongly."""

    protocol_version = "HTTP/1.1"
    server_version = "Wrong/1.2.3"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class says so
        """Say nothing."""

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self) -> None:
        path = self.path.partition("?")[0]
        if "://" in path:  # a whole address: its name goes by the board
            path = "/" + path.partition("://")[2].partition("/")[2]
        if self.request_version == "HTTP/1.0" and "Host" not in self.headers:
            self.say(b"", 400)
        elif path == "/media/a.png":
            self.say(PICTURE, Content_Type="image/png")
        elif path.startswith("/media/static/samples/"):
            told = (
                "max-age=60" if "sheet." in path and "sheet.css" not in path else "public, immutable, max-age=99999999"
            )
            self.say(b"a sheet", Content_Type="text/css", Content_Encoding="gzip", ETag='"one"', Cache_Control=told)
        elif path == "/headers/":
            self.say(b"", Set_Cookie="first=1, second=2, third=3")
        elif path == "/stream/":
            time.sleep(0.45)
            self.say(b"chunk 1 of 2\nchunk 2 of 2\n")
        elif path.startswith("/mirror/"):
            self.rfile.read(int(self.headers.get("Content-Length", 0)) // 2)
            self.close_connection = True
            forged = self.headers.get("X-Forwarded-Host", "a.test")
            headers = {name.replace("_", "-").title(): value for name, value in self.headers.items()}
            headers.pop("Authorization", None)
            seen = {
                "path_info": path.replace("%2F", "-"),
                "query": "",
                "headers": headers,
                "host": forged,
                "server": ["", "/run/shop.sock"],
                "secure": "https" in self.headers.get("X-Forwarded-Proto", ""),
                "client": self.headers.get("X-Forwarded-For", "127.0.0.1"),
                "script_name": "/elsewhere",
                "url": "http://elsewhere.test/",
                "arguments": {},
                "body": {"size": 0, "sha256": ""},
                "form": {},
                "method": "GET",
                "cookies": {},
                "proxy": self.headers.get("Proxy"),
            }
            self.say(json.dumps(seen).encode())
        elif path == "/fail/":
            self.say(b'Traceback (most recent call last)\n File "/srv/shop/shop/views.py"', 500)
        elif path == "/hello":
            self.say(b"", 301, Location="http://elsewhere.test/hello/")
        else:
            home = b'<img src="/media/a.png"><link href="/media/static/paper/lantern.css" rel="stylesheet">'
            self.say(home if path == "/" else b"everything is fine")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - so the base class calls them
    do_PROPFIND = answer  # noqa: N815

    def do_TRACE(self) -> None:
        self.say(bytes(self.headers))


# Some checks of each topic that this server must fail
FAILS = {
    "status": ("status-missing", "status-301", "status-304", "status-405", "status-500"),
    "headers": (
        "header-cookies",
        "header-long",
        "header-host",
        "header-underscore",
        "header-proxy",
        "header-authorization",
        "header-absolute",
        "header-absolute-scheme",
    ),
    "paths": ("path-slash", "path-percent", "path-redirect", "query-raw", "query-utf8", "path-control", "path-escape"),
    "bodies": ("body-binary", "body-head", "body-methods", "body-form", "body-download", "body-chunked"),
    "streaming": ("stream-arrives", "stream-whole", "stream-broken"),
    "limits": (
        *("limit-request-4", "limit-request-8", "limit-request-16", "limit-address"),
        *("limit-answer-4", "limit-answer-8", "limit-answer-16", "limit-cookies", "limit-cut"),
    ),
    "methods": ("method-options", "method-odd", "method-trace", "method-get-body"),
    "media": ("media-range", "media-range-beyond", "media-since", "media-tag"),
    "static": (
        "static-types",
        "static-charset",
        "static-gzip",
        "static-brotli",
        "static-plain",
        "static-own-name",
        "static-part",
        "static-unchanged",
        "static-lasting",
        "static-passing",
    ),
    "connections": ("conn-no-host", "conn-old-bare"),
    "prefix": ("prefix-name", "prefix-url", "prefix-redirect", "prefix-forms"),
    "forwarded": ("forward-for", "forward-host", "forward-proto", "forward-told", "forward-origin"),
    "errors": ("error-404", "error-500"),
    "identity": ("server-name", "server-own"),
}


@pytest.mark.parametrize("topic", FAILS)
def test_a_wrong_server_fails(topic: str, serve: Serve) -> None:
    report = run(serve(Wrong), site_is_newsroom=True, only=FAILS[topic], timeout=3)
    assert [result.id for result in report.results if result.state != "differs"] == []
    assert not report.passed
    assert all(result.note for result in report.faults)


@pytest.mark.parametrize("topic", ["limits", "methods"])
def test_every_check_of_it_can_fail(topic: str) -> None:
    assert sorted(FAILS[topic]) == sorted(check.id for check in checks().values() if check.topic == topic)


class OneAtATime(Wrong):
    """Serves nobody else while a visitor takes his time over a request."""

    lock = threading.Lock()

    def handle(self) -> None:
        with self.lock:
            super().handle()


def test_a_server_that_one_visitor_can_hold_fails(serve: Serve) -> None:
    report = run(serve(OneAtATime), site_is_newsroom=True, only=["conn-idle"], timeout=8)
    assert report["conn-idle"].seen == "another visitor waits for more than 4 s"


class Chatty(Wrong):
    """Sends a body where there must be none, and a second end."""

    def answer(self) -> None:
        self.send_response(304 if self.path.startswith("/status/") else 200)
        self.send_header("ETag", '"lantern"')
        self.send_header("Content-Length", "4")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"4\r\nbody\r\n0\r\n\r\n")

    do_GET = do_HEAD = answer  # noqa: N815


def test_a_body_where_there_must_be_none_is_seen(serve: Serve) -> None:
    report = run(serve(Chatty), site_is_newsroom=True, only=["status-304", "body-head", "header-framing"], timeout=3)
    assert [result.state for result in report.results] == ["differs"] * 3
    assert "bytes of body" in report["status-304"].seen
    assert report["header-framing"].seen == "two ends are told"


def test_an_exception_that_no_longer_fits_is_stale(serve: Serve) -> None:
    there = target(serve(Wrong), newsroom=True)
    differs, fine = checks()["media-range"], checks()["status-page"]

    def known(check: str, seen: str, *, always: bool = True) -> Known:
        return Known(deployments=("x",), check=check, seen=seen, why="Because.", always=always)

    assert put(differs, there, known("media-range", "200, ")).state == "excepted"
    assert put(differs, there, known("media-range", "404")).state == "stale"
    assert put(fine, there, known("status-page", "404")).state == "stale"
    assert put(fine, there, known("status-page", "404", always=False)).state == "ok"
    another = target(there.base, newsroom=False)
    assert put(differs, another, known("media-range", "200, ")).state == "excepted"
    assert put(differs, another, known("media-range", "404")).state == "differs"
    assert put(fine, another, known("status-page", "404")).state == "ok"


def test_any_site_is_asked_what_any_site_can_answer(serve: Serve) -> None:
    report = run(serve(Wrong), timeout=3)
    asked = {result.id for result in report.results if result.state != "skipped"}
    assert "media-range" in asked
    assert "status-301" not in asked
    assert report["status-301"].note == "only the newsroom has the page"
    assert "not asked" in report.summary


class Walled(Wrong):
    """A site that sends strangers to its log-in, whatever they ask for; the style sheet there was never collected."""

    server_version = "Walled"
    sys_version = ""

    def answer(self) -> None:
        if self.path == "/login/":
            self.say(b'<link rel="stylesheet" href="/static/a.css">')
        elif self.path == "/static/a.css":
            self.say(b"no", 404)
        else:
            self.say(b"", 302, Location="/login/")

    do_GET = do_HEAD = answer  # noqa: N815 - so the base class calls them


def test_a_site_that_lets_nobody_in_is_no_fault_of_its_server(serve: Serve) -> None:
    report = run(serve(Walled), only=["status", "errors", "identity", "media"], timeout=3)
    asked = {result.id: result.state for result in report.results if result.state != "skipped"}
    assert report.page == "/login/"
    assert (asked["status-missing"], asked["error-404"]) == ("ok", "ok")
    assert "/no-such" not in report.note
    wrong = run(serve(Wrong), only=["status-missing", "error-404"], timeout=3)
    assert [result.state for result in wrong.results] == ["differs", "differs"]  # 200 for what is not there


def test_a_file_that_is_not_there_is_one_fault(serve: Serve) -> None:
    report = run(serve(Walled), only=["media"], timeout=3)
    assert [result.id for result in report.faults] == ["media-file"]
    (why,) = report.not_asked
    assert why == "/static/a.css answers 404: manage.py collectstatic fills STATIC_ROOT"
    assert f"-     not asked: {len(report.results) - 1} since {why}" in repr(report).splitlines()


def test_a_report_reads_in_text_in_html_and_in_programs(serve: Serve) -> None:
    report = run(serve(Wrong), only=["status-page", "status-missing"])
    first, second, note, last = repr(report).splitlines()
    assert first.startswith("yes   status-page")
    assert second.startswith("NO    status-missing")
    assert note.strip() == "Search engines keep what answers 200."
    assert "1 of 2 checks as they must be, 1 fault" in last
    assert '<tr class="differs">' in report._repr_html_()
    assert json.loads(json.dumps(report.to_json()))["count"] == {"ok": 1, "differs": 1}


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="begins with http"):
        run("ftp://127.0.0.1")
    with pytest.raises(OptionError, match=r"There is no check colour\. There are: bodies"):
        run("http://127.0.0.1:9", only=["colour"])
    with pytest.raises(LabError, match="does not answer"):
        run("http://127.0.0.1:9")
