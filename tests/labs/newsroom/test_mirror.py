from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest


def test_mirror_tells_what_django_sees(client: Any) -> None:
    seen = json.loads(client.get("/mirror/a/b?x=1&x=%C3%A9", headers={"X-Name": "Zoë"}).content)
    assert (seen["method"], seen["path_info"], seen["query"]) == ("GET", "/mirror/a/b", "x=1&x=%C3%A9")
    assert seen["arguments"] == {"x": ["1", "é"]}
    assert seen["headers"]["X-Name"] == "Zoë"
    assert seen["body"] == {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_mirror_reads_a_body_of_any_size_and_asks_for_no_token(strict_client: Any, method: str) -> None:
    body = b"wheat" * 700_000  # above what Django would keep in memory
    seen = json.loads(getattr(strict_client, method)("/mirror/", body, content_type="image/png").content)
    assert seen["method"] == method.upper()
    assert seen["body"] == {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_mirror_reads_a_form(client: Any) -> None:
    answer = client.post("/mirror/", "tag=a&tag=b&name=", content_type="application/x-www-form-urlencoded")
    assert json.loads(answer.content)["form"] == {"tag": ["a", "b"], "name": [""]}


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        (301, "Location", "/hello/"),
        (405, "Allow", "GET, HEAD"),
        (503, "Retry-After", "7"),
        (413, "Content-Length", "11"),
    ],
)
def test_status_is_the_one_asked_for(client: Any, code: int, name: str, value: str) -> None:
    answer = client.get(f"/status/?code={code}")
    assert (answer.status_code, answer[name]) == (code, value)


def test_a_304_has_neither_body_nor_type(client: Any) -> None:
    answer = client.get("/status/?code=304")
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", '"lantern"')
    assert "Content-Type" not in answer


@pytest.mark.parametrize("path", ["/status/", "/status/?code=999", "/headers/?bytes=20001", "/headers/?cookies=5"])
def test_what_is_out_of_bounds_is_refused(client: Any, path: str) -> None:
    assert client.get(path).status_code == 400


def test_headers_that_are_hard_to_carry(client: Any) -> None:
    answer = client.get("/headers/?bytes=5000&cookies=2")
    assert len(answer["X-Lantern-Long"]) == 5000
    assert list(answer.cookies) == ["first", "second", "third", "long-0", "long-1"]
    assert len(answer.cookies["long-1"].value) == 4000
    assert answer["Content-Disposition"].endswith("filename*=UTF-8''caf%C3%A9.txt")


def test_a_stream_may_ask_not_to_be_buffered(client: Any) -> None:
    assert client.get("/stream/?chunks=1&unbuffered=1")["X-Accel-Buffering"] == "no"
    assert "X-Accel-Buffering" not in client.get("/stream/?chunks=1")
