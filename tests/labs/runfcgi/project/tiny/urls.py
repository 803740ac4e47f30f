from __future__ import annotations

import hashlib
import os
import sys
import threading
import time

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello", content_type="text/plain")


def whoami(request: HttpRequest) -> JsonResponse:
    names = ("PATH_INFO", "SCRIPT_NAME", "QUERY_STRING", "REQUEST_METHOD")
    wsgi = {name: bool(request.META[f"wsgi.{name}"]) for name in ("multithread", "multiprocess", "run_once")}
    place = {"pid": os.getpid(), "thread": threading.get_ident(), "umask": _umask(), "cwd": os.getcwd()}  # noqa: PTH109
    return JsonResponse({**{name: request.META.get(name) for name in names}, **wsgi, **place})


def _umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before


def wait(request: HttpRequest) -> HttpResponse:
    time.sleep(float(request.GET["seconds"]))
    return HttpResponse(str(os.getpid()))


def digest(request: HttpRequest) -> HttpResponse:
    return HttpResponse(hashlib.sha256(request.body).hexdigest())


def download(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(b"x" * 50_000 for _ in range(int(request.GET["bytes"]) // 50_000))


def noisy(request: HttpRequest) -> HttpResponse:
    print("to standard output")
    print("to standard error", file=sys.stderr)
    os.write(1, b"past Python\n")
    return HttpResponse("quiet")


urlpatterns = [
    path("", hello),
    path("hello/", hello),
    path("whoami/", whoami),
    path("wait/", wait),
    path("digest/", digest),
    path("download/", download),
    path("noisy/", noisy),
]
