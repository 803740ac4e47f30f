"""Settings, and an application that begins an answer, fails, and begins another: PEP 3333's start_response with exc_info."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

SECRET_KEY, ROOT_URLCONF, WSGI_APPLICATION = "for tests", __name__, "again.application"
urlpatterns: list[object] = []


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "first=1"), ("X-First", "1")])
    try:
        if environ["PATH_INFO"] != "/":
            raise RuntimeError("before a byte was sent")
    except RuntimeError:
        start_response("503 Service Unavailable", [("Content-Type", "text/html"), ("X-Second", "2")], sys.exc_info())
    return [b"an answer"]
