from __future__ import annotations

import hashlib
import json
import os
import time
from typing import Any

import pytest


def upload(name: str, content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def test_hello(client: Any) -> None:
    response = client.get("/hello/")
    assert (response.content, response["Content-Type"]) == (b"Hello from the Lantern\n", "text/plain; charset=utf-8")
    assert client.post("/hello/").status_code == 405


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_upload_answers_the_checksum(strict_client: Any, size: int) -> None:
    """The largest goes through a temporary file. No token is asked for."""
    content = b"wheat" * (size // 5)
    response = strict_client.post("/upload/", {"a": upload("wheat.txt", content), "b": upload("é.bin", b"\0\xff")})
    first, second = json.loads(response.content)["files"]
    assert first == {"name": "wheat.txt", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert (second["name"], second["size"]) == ("é.bin", 2)


def test_upload_without_a_file(client: Any) -> None:
    assert client.post("/upload/").status_code == 400
    assert 'enctype="multipart/form-data"' in client.get("/upload/").content.decode()


@pytest.mark.parametrize("size", [None, 0, 1, 65_511, 65_512, 300_000])
def test_download_has_the_size_asked_for_and_the_documented_bytes(client: Any, size: int | None) -> None:
    response = client.get("/download/", {} if size is None else {"bytes": size})
    body = response.getvalue()
    assert len(body) == int(response["Content-Length"]) == (5_000_000 if size is None else size)
    assert body == (bytes(range(251)) * (len(body) // 251 + 1))[: len(body)]


def test_stream_sends_its_chunks_one_by_one(client: Any) -> None:
    response = client.get("/stream/", {"chunks": 3, "seconds": 0.05})
    assert "Content-Length" not in response
    start = time.monotonic()
    arrivals = [(chunk, time.monotonic() - start) for chunk in response.streaming_content]
    assert [chunk for chunk, _ in arrivals] == [b"chunk 1 of 3\n", b"chunk 2 of 3\n", b"chunk 3 of 3\n"]
    assert arrivals[1][1] >= 0.05
    assert arrivals[2][1] >= 0.1


def test_a_stream_breaks_off_on_purpose(client: Any) -> None:
    lines = client.get("/stream/", {"chunks": 3, "seconds": 0, "broken": 1}).streaming_content
    assert [next(lines), next(lines)] == [b"chunk 1 of 3\n", b"chunk 2 of 3\n"]
    with pytest.raises(RuntimeError, match="on purpose"):
        next(lines)


def test_wait_sleeps_and_burns(client: Any) -> None:
    start, used = time.monotonic(), time.thread_time()
    response = client.get("/wait/", {"seconds": 0.1, "burn": 0.05})
    assert response.content == b"waited 0.1 s, burned 0.05 s\n"
    assert time.monotonic() - start >= 0.15
    assert 0.05 <= time.thread_time() - used < 0.1
    assert client.get("/wait/").content == b"waited 0 s, burned 0 s\n"


@pytest.mark.parametrize(
    "path",
    [
        "/wait/?seconds=30.1",
        "/wait/?burn=5.1",
        "/wait/?seconds=-1",
        "/wait/?seconds=nan",
        "/wait/?burn=inf",
        "/wait/?burn=x",
        "/download/?bytes=100000001",
        "/download/?bytes=-1",
        "/stream/?chunks=101",
        "/stream/?chunks=0",
        "/stream/?seconds=6",
        "/stream/?chunks=100&seconds=1",
    ],
)
def test_arguments_are_bounded(client: Any, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    assert response.content.count(b"\n") == 1


def test_fail_shows_the_visitor_nothing(client: Any, capfd: pytest.CaptureFixture[str]) -> None:
    response = client.get("/fail/")
    assert response.status_code == 500
    page = response.content.decode()
    assert "stopped the press" in page
    assert "purpose" not in page
    assert "Traceback" not in page


def test_whoami(client: Any) -> None:
    answer = json.loads(client.get("/whoami/").content)
    assert answer["pid"] == os.getpid()
    assert answer["worker"].startswith(f"{os.getpid()}/")
    assert {
        "thread",
        "interface",
        "server_software",
        "uid",
        "multiprocess",
        "multithread",
        "script_name",
        "path_info",
    } <= set(answer)


@pytest.mark.parametrize(
    ("module", "marks", "expected"),
    [
        ("io", {"mod_wsgi.version": (4, 9)}, "mod_wsgi"),
        ("io", {"uwsgi.version": b"2"}, "uWSGI"),
        ("flup.server.fcgi_base", {}, "FastCGI"),
        ("flup.server.scgi_base", {}, "SCGI"),
        ("mod_python.wsgi", {}, "mod_python"),
        ("io", {"wsgi.run_once": True}, "CGI"),
        ("gunicorn.http.body", {}, "HTTP"),
    ],
)
def test_the_interface_is_told_from_the_environ(
    django: None, module: str, marks: dict[str, Any], expected: str
) -> None:
    from paper.workbench import interface

    source = type("Source", (), {"__module__": module})()
    assert interface({"wsgi.input": source, **marks}) == expected


@pytest.mark.parametrize("path", ["/wait/", "/whoami/", "/download/", "/stream/?chunks=1"])
def test_pages_of_the_workbench_are_never_cached(client: Any, path: str) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]
