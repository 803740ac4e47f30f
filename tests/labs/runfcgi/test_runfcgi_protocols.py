"""The site seen through each protocol and method, and by CGI."""

from __future__ import annotations

import hashlib
import random
import socket
import struct
import subprocess
import sys
from collections.abc import Callable

import pytest
from patience import HANG
from runfcgi_servers import Server

from labs.clients.fastcgi import request

Serve = Callable[..., Server]
METHODS = ["prefork", "threaded"]
pytestmark = pytest.mark.servers


@pytest.mark.parametrize(("method", "tcp"), [("prefork", False), ("threaded", True)])
def test_bodies_and_answers_of_all_sizes(serve: Serve, method: str, tcp: bool) -> None:
    server = serve(method, "maxchildren=2", tcp=tcp)
    for size in (0, 1, 8184, 65535, 65536, 2_000_000):
        sent = random.Random(size).randbytes(size)
        answer = request(server.address, "/digest/", method="POST", body=sent, timeout=HANG)
        assert answer.body.decode() == hashlib.sha256(sent).hexdigest()
    assert len(request(server.address, "/download/?bytes=3000000", timeout=HANG).body) == 3_000_000
    answer = request(server.address, "/whoami/?a=%C3%BC&b=2", timeout=HANG)
    assert b'"QUERY_STRING": "a=%C3%BC&b=2"' in answer.body
    assert request(server.address, "/nowhere/%E2%98%83", timeout=HANG).status == 404


def test_a_failure_of_the_application_itself(serve: Serve) -> None:
    for debug in ("false", "true"):
        server = serve("threaded", f"debug={debug}")
        answer = server.get("/raise/")
        assert answer.status == 500
        assert (b"raised &lt;past&gt; Django" in answer.body) == (debug == "true")
        assert "RuntimeError" in server.errors()


@pytest.mark.parametrize("method", METHODS)
def test_scgi(serve: Serve, method: str) -> None:
    server = serve(method, "maxchildren=2", protocol="scgi")
    sent = b"x" * 100_000
    for path, body, expected in (
        ("/hello/", b"", b"Hello"),
        ("/digest/", sent, hashlib.sha256(sent).hexdigest().encode()),
    ):
        variables = {"CONTENT_LENGTH": str(len(body)), "SCGI": "1", "REQUEST_METHOD": "POST" if body else "GET",
                     "SCRIPT_NAME": "", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
                     "SERVER_PROTOCOL": "HTTP/1.1"}  # fmt: skip
        head = b"".join(f"{name}\0{value}\0".encode() for name, value in variables.items())
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(HANG)
            client.connect(str(server.address))
            client.sendall(str(len(head)).encode() + b":" + head + b"," + body)
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"Status: 200 OK")
        assert answer.endswith(expected)
    assert server.stop() < 3


@pytest.mark.parametrize("method", METHODS)
def test_ajp(serve: Serve, method: str) -> None:
    server = serve(method, "maxchildren=2", tcp=True, protocol="ajp")

    def text(value: str) -> bytes:
        return struct.pack(">H", len(value)) + value.encode() + b"\0"

    # AJP 1.3: forward request, GET, then protocol, URI, addresses, port, no TLS, no headers, end.
    data = b"\x02\x02" + text("HTTP/1.1") + text("/hello/") + text("127.0.0.1") + text("") + text("localhost")
    data += struct.pack(">H", 80) + b"\0" + struct.pack(">H", 0) + b"\xff"
    with socket.create_connection(server.address, timeout=HANG) as client:
        client.sendall(b"\x12\x34" + struct.pack(">H", len(data)) + data)
        answer = b""
        # The last packet says that the answer has ended and that the connection may be used again.
        while not answer.endswith(b"AB\0\x02\x05\x01"):
            part = client.recv(65536)
            assert part, answer
            answer += part
        assert b"Hello" in answer
    assert server.stop() < 3


def cgi(environment: dict[str, str], path: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    body = variables.pop("body", "").encode()
    called = {"REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": path, "SCRIPT_NAME": "/site.cgi",
              "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
              "CONTENT_LENGTH": str(len(body)), "GATEWAY_INTERFACE": "CGI/1.1", **variables}  # fmt: skip
    command = [sys.executable, "-m", "django_runfcgi.cgi"]
    return subprocess.run(
        command, env={**environment, **called}, input=body, capture_output=True, timeout=HANG, check=False
    )


def test_cgi(environment: dict[str, str]) -> None:
    result = cgi(environment, "/digest/", body="a" * 70_000)
    assert result.returncode == 0
    head, _, answer = result.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"Status: 200 OK")
    assert answer.decode() == hashlib.sha256(b"a" * 70_000).hexdigest()


def test_a_print_does_not_reach_the_answer_of_cgi(environment: dict[str, str]) -> None:
    result = cgi(environment, "/noisy/")
    assert result.stdout.startswith(b"Status: 200 OK")
    assert result.stdout.endswith(b"\r\n\r\nquiet")
    assert b"to standard output" in result.stderr
    assert b"past Python" in result.stderr


def test_cgi_tells_where_the_site_is(environment: dict[str, str]) -> None:
    assert b'"SCRIPT_NAME": "/site.cgi"' in cgi(environment, "/whoami/").stdout
    assert b'"SCRIPT_NAME": ""' in cgi(environment, "/whoami/", CGI_SCRIPT_NAME="").stdout


def test_cgi_of_a_broken_site_answers_500(environment: dict[str, str]) -> None:
    result = cgi({**environment, "DJANGO_SETTINGS_MODULE": "tiny.none"}, "/")
    assert result.returncode == 1
    assert result.stdout.startswith(b"Status: 500 Internal Server Error")
    assert b"ModuleNotFoundError" in result.stderr
