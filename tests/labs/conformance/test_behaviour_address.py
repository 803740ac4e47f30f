"""Addresses as people type them, and servers that give no answer: one line each, and a status that says nothing was asked."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from labs.cli.main import app
from labs.conformance import run, wire
from labs.conformance.address import address, is_loopback, resembles
from labs.conformance.target import Target
from labs.errors import LabError, OptionError

MALFORMED = {
    "http://": "names no host",
    "http:///path": "names no host",
    "http://:80": "names no host",
    "http://[::1": "is no address",
    "http://[zz]/": "is no address",
    "http://[fe80::1%eth0]:1/": "holds '%'",
    "http://user:secret@127.0.0.1/": "holds a name or a password",
    "http://secret@127.0.0.1/": "holds a name or a password",
    "ftp://127.0.0.1/": "begins with http:// or https://",
    "http:/127.0.0.1": "begins with http:// or https://",
    "127.0.0.1:8000": "begins with http:// or https://",
    "localhost:8000": "begins with http:// or https://",
    "//127.0.0.1": "begins with http:// or https://",
    "http://127.0.0.1:0/": "no server listens at port 0",
    "http://127.0.0.1:99999/": "out of range",
    "http://127.0.0.1:abc/": "is no address",
    "http://127.0.0.1:-1/": "is no address",
    "http://127.0.0.1:80 80/": "is no address",
    "http://127.0.0.1 :80/": "holds ' '",
    "http://127.0.0.1:1/a b": "write %20",
    "http://127.0.0.1:1/100%": "write %25",
    "http://127.0.0.1:1/?a=b": "say where the site begins",
    "http://127.0.0.1:1/#top": "say where the site begins",
    "http://a..b/": "is no name of a host",
    f"http://{'a' * 64}.test/": "is no name of a host",
    "http://127.0.0.1\\evil/": "holds '\\\\'",
}


@pytest.mark.parametrize(("text", "said"), MALFORMED.items(), ids=list(MALFORMED))
def test_a_malformed_address_is_one_line_and_status_2(text: str, said: str) -> None:
    result = CliRunner().invoke(app, ["check", text])
    assert result.exit_code == 2, result.output
    assert said in result.stderr and len(result.stderr.strip().splitlines()) == 1
    assert "secret" not in result.output


def test_what_goes_out_is_ascii_and_holds_no_more_than_it_must() -> None:
    assert address(" HTTP://127.0.0.1:8000/größe/100%25 ") == "http://127.0.0.1:8000/gr%C3%B6%C3%9Fe/100%25"
    assert address("http://bücher.test") == "http://xn--bcher-kva.test"
    assert address("https://[::1]:8443/x/") == "https://[::1]:8443/x/"


def test_the_name_of_an_exercise_is_no_address() -> None:
    assert not resembles("keep-alive") and not resembles("keep-alife")
    assert resembles("127.0.0.1") and resembles("[::1]:80") and resembles("shop.test:80") and resembles("shop.test/a")


def resolver(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """This machine's names: localhost is these addresses, and there is no other name."""
    real = socket.getaddrinfo

    def lookup(host: Any, *rest: Any, **more: Any) -> Any:
        if not addresses or host != "localhost":
            if str(host).replace(".", "").isdigit() or ":" in str(host):
                return real(host, *rest, **more)
            raise socket.gaierror(-2, "Name or service not known")
        return [entry for each in addresses for entry in real(each, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def test_a_host_without_an_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver(monkeypatch)
    with pytest.raises(OptionError, match=r"shop\.test has no address that this machine knows"):
        is_loopback("shop.test")
    with pytest.raises(LabError, match="does not answer: Name or service not known"):
        run("http://shop.test:1/")


class Page(BaseHTTPRequestHandler):
    """A page that names what is no address."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class says so
        """Say nothing."""

    def do_GET(self) -> None:
        body = b'<img src="http://[bad.png"> <img src="http://x:port/a.png">'
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def listening(family: socket.AddressFamily, host: str) -> socket.socket:
    try:
        server = socket.socket(family, socket.SOCK_STREAM)
        server.bind((host, 0))
    except OSError as error:
        pytest.skip(f"this machine has no {host}: {error}")
    server.listen()
    return server


@pytest.fixture
def answering() -> Iterator[Callable[..., int]]:
    """A server that gives every connection these bytes and closes it, or keeps it open; its port."""
    ends: list[Callable[[], None]] = []

    def start(data: bytes, *, host: str = "127.0.0.1", forever: bool = False, close: bool = True) -> int:
        server, held = listening(socket.AF_INET6 if ":" in host else socket.AF_INET, host), list[socket.socket]()
        ends.append(lambda: [each.close() for each in (*held, server)] and None)

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    held.append(connection)
                    connection.settimeout(5)
                    connection.recv(65536)
                    connection.sendall(data)
                    while forever:
                        connection.sendall(data)
                    if close:
                        connection.shutdown(socket.SHUT_RDWR)
                        connection.close()
                except OSError:
                    if server.fileno() < 0:
                        return

        threading.Thread(target=serve, daemon=True).start()
        return int(server.getsockname()[1])

    yield start
    for end in ends:
        end()


OK = b"HTTP/1.1 200 OK\r\n"
SPEECHLESS = {
    "closes at once": (b"", "closed without an answer"),
    "garbage": (b"\x00\x01\x02garbage\r\n\r\n", "not HTTP"),
    "a status that is no number": (b"HTTP/1.1 \xb200 OK\r\n\r\n", "not HTTP"),
    "half a head": (OK + b"Content-", "cut off"),
    "a length that is no number": (OK + b"Content-Length: \xb2\r\n\r\n", "Content-Length"),
    "a body that is cut off": (OK + b"Content-Length: 9\r\n\r\nabc", "3 bytes of 9 came"),
    "a chunk without a size": (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "the size of a chunk"),
    "a chunk of a negative size": (OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n", "the size of a chunk"),
}


@pytest.mark.parametrize("kind", SPEECHLESS)
def test_a_server_without_an_answer_is_one_line_and_status_2(kind: str, answering: Callable[..., int]) -> None:
    data, said = SPEECHLESS[kind]
    result = CliRunner().invoke(app, ["check", f"http://127.0.0.1:{answering(data)}/"])
    assert result.exit_code == 2, result.output
    assert said in result.stderr and "does not answer" in result.stderr and len(result.stderr.splitlines()) == 1


def test_one_that_is_silent_or_has_no_end_is_left(
    answering: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LabError, match=r"no answer within 0\.3 s"):
        run(f"http://127.0.0.1:{answering(b'', close=False)}", timeout=0.3)
    monkeypatch.setattr(wire, "MOST", 100_000)
    for begin in (b"", OK + b"\r\n"):
        with pytest.raises(LabError, match=r"more than 100,000 bytes, and no end"):
            run(f"http://127.0.0.1:{answering(begin + b'x' * 10_000, forever=True)}")


def test_tls_where_there_is_none_and_a_certificate_of_ones_own(answering: Callable[..., int], tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"there is no TLS .* http:// rather than https://"):
        run(f"https://127.0.0.1:{answering(OK)}")
    if not (openssl := shutil.which("openssl")):
        pytest.skip("no openssl makes a certificate here")
    own = [tmp_path / "key.pem", tmp_path / "own.pem"]
    words = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=own",
        "-keyout",
    ]
    subprocess.run([openssl, *words, own[0], "-out", own[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own[1], own[0])
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake() -> None:
            try:
                context.wrap_socket(server.accept()[0], server_side=True)
            except OSError:
                pass  # the other end hangs up, as it should

        threading.Thread(target=shake, daemon=True).start()
        with pytest.raises(LabError, match=r"does not trust its certificate .* SSL_CERT_FILE="):
            run(f"https://127.0.0.1:{server.getsockname()[1]}")


@pytest.mark.parametrize("addresses", [["::1"], ["127.0.0.1"], ["::1", "127.0.0.1"]], ids=" ".join)
def test_localhost_is_whatever_this_machine_says(
    addresses: list[str], answering: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also ::1 alone, and both where the server listens at the second only."""
    port = answering(OK + b"Content-Length: 2\r\n\r\nhi", host=addresses[-1])
    resolver(monkeypatch, *addresses)
    assert is_loopback("localhost")
    assert Target(base=f"http://localhost:{port}").ask("/").body == b"hi"


def test_a_page_that_names_what_is_no_address(serve: Callable[..., str]) -> None:
    assert run(serve(Page), only=["headers"]).results


def test_nothing_asked_is_nothing_passed(answering: Callable[..., int]) -> None:
    """A topic that only the newsroom has the pages for: exit status 1, since the server may be anything."""
    port = answering(OK + b"Content-Length: 2\r\n\r\nhi")
    result = CliRunner().invoke(app, ["check", f"http://127.0.0.1:{port}", "forwarded"])
    assert result.exit_code == 1, result.output


def test_an_answer_of_another_kind_is_a_fault_and_no_traceback(answering: Callable[..., int]) -> None:
    port = answering(OK + b"Content-Length: 4\r\n\r\n[{}]")
    report = run(f"http://127.0.0.1:{port}", only=["paths"], site_is_newsroom=True, timeout=1)
    assert report.faults and any("cannot be read" in result.seen for result in report.faults)
