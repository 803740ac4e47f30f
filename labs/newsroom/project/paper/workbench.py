"""Pages with one property each, made for experiments: no database, a big body, a slow one, a busy one, a broken one."""

from __future__ import annotations

import gc
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from paper.burn import burn
from paper.forms import DownloadForm, StreamForm, UploadForm, WaitForm

# Byte i of a download is i % 251. A prime, so that a block lost or swapped by some server on the way shows.
BLOCK = bytes(range(251)) * 261


def complaint(form: Form) -> HttpResponse:
    lines = [f"{field}: {' '.join(map(str, errors))}" for field, errors in form.errors.items()]
    return HttpResponse("\n".join(lines) + "\n", status=400, content_type="text/plain; charset=utf-8")


@require_safe
def hello(request: HttpRequest) -> HttpResponse:
    """The cheapest page Django can make: no query, no template, 23 bytes."""
    return HttpResponse("Hello from the Lantern\n", content_type="text/plain; charset=utf-8")


@csrf_exempt  # Nothing is kept, and nobody's account is touched: there is nothing to forge.
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Answers a POST of files with the name, size and SHA-256 of each; without a query. A GET shows a form.

    Files above 2.5 MB go through Django's temporary files, as in any site.
    """
    if request.method != "POST":
        return render(request, "paper/upload.html", {"form": UploadForm()})
    files = [file for name in sorted(request.FILES) for file in request.FILES.getlist(name)]
    if not files:
        return JsonResponse({"error": "Send at least one file as multipart/form-data."}, status=400)
    return JsonResponse({"files": [receipt(file) for file in files]})


def receipt(file: Any) -> dict[str, Any]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return {"name": file.name, "size": file.size, "sha256": digest.hexdigest()}


@never_cache
@require_safe
def download(request: HttpRequest) -> HttpResponseBase:
    """`bytes` bytes (5,000,000 unless told, at most 100,000,000) in blocks of 64 KB, with their Content-Length. No query."""
    form = DownloadForm(request.GET)
    if not form.is_valid():
        return complaint(form)
    size = form.cleaned_data["bytes"]
    size = 5_000_000 if size is None else size
    whole, rest = divmod(size, len(BLOCK))

    def body() -> Iterator[bytes]:
        for _ in range(whole):
            yield BLOCK
        yield BLOCK[:rest]

    return StreamingHttpResponse(body(), content_type="application/octet-stream", headers={"Content-Length": str(size)})


@never_cache
@require_GET
def stream(request: HttpRequest) -> HttpResponseBase:
    """`chunks` lines (5 unless told), with a pause of `seconds` (0.2 unless told) between two. No query.

    `unbuffered=1` adds the header by which a page asks nginx to send on what comes (X-Accel-Buffering, nginx's
    ngx_http_proxy_module, "proxy_buffering"). `broken=1` raises where the last line should come.
    """
    form = StreamForm(request.GET)
    if not form.is_valid():
        return complaint(form)
    chunks = form.cleaned_data["chunks"] or 5
    seconds = form.cleaned_data["seconds"]
    seconds = 0.2 if seconds is None else seconds
    if chunks * seconds > 30:
        form.add_error("seconds", "chunks times seconds must not exceed 30.")
        return complaint(form)

    def body() -> Iterator[bytes]:
        for number in range(1, chunks + 1):
            if number > 1:
                time.sleep(seconds)
            if form.cleaned_data["broken"] and number == chunks:
                raise RuntimeError("This stream breaks off on purpose.")
            yield f"chunk {number} of {chunks}\n".encode()

    asked = {"X-Accel-Buffering": "no"} if form.cleaned_data["unbuffered"] else {}
    return StreamingHttpResponse(body(), content_type="text/plain; charset=utf-8", headers=asked)


@never_cache
@require_safe
def wait(request: HttpRequest) -> HttpResponse:
    """Sleeps `seconds` (at most 30), as if for another service, then uses `burn` seconds (at most 5) of processor time.

    Processor time of this thread, not of the clock: on a busy machine the page takes longer, but costs the same.
    """
    form = WaitForm(request.GET)
    if not form.is_valid():
        return complaint(form)
    seconds = form.cleaned_data["seconds"] or 0.0
    cost = form.cleaned_data["burn"] or 0.0
    if seconds:
        time.sleep(seconds)
    burn(cost)
    return HttpResponse(f"waited {seconds:g} s, burned {cost:g} s\n", content_type="text/plain; charset=utf-8")


@never_cache
def fail(request: HttpRequest) -> HttpResponse:
    """Raises: the visitor gets the 500 page, the server's error log the traceback."""
    raise RuntimeError("This page fails on purpose.")


@never_cache
@require_safe
def whoami(request: HttpRequest) -> JsonResponse:
    """Which process and thread answered, and by which way the request came. No query."""
    environ = getattr(request, "environ", {})
    thread = threading.current_thread()
    return JsonResponse(
        {
            "pid": os.getpid(),
            "thread": thread.name,
            "worker": f"{os.getpid()}/{threading.get_native_id()}",
            "interface": interface(environ),
            "server_software": environ.get("SERVER_SOFTWARE", ""),
            "uid": os.geteuid() if hasattr(os, "geteuid") else None,
            "multiprocess": environ.get("wsgi.multiprocess"),
            "multithread": environ.get("wsgi.multithread"),
            "script_name": request.META.get("SCRIPT_NAME", ""),
            "path_info": request.path_info,
            "host": request.get_host(),
            "client": request.META.get("REMOTE_ADDR", ""),
        }
    )


@never_cache
@require_safe
def collect(request: HttpRequest) -> HttpResponse:
    """Let the process look through all of its objects for garbage, as Python does by itself after some hundred pages.

    It writes to every object, so that memory which a forked process has shared with its parent until then is its own.
    """
    gc.collect()
    return HttpResponse("collected\n", content_type="text/plain")


def interface(environ: dict[str, Any]) -> str:
    """The way from the web server to Django, as far as a WSGI environ tells: by its own marks, or by who made its input."""
    if not environ:
        return "ASGI"
    if "mod_wsgi.version" in environ:
        return "mod_wsgi"
    if "uwsgi.version" in environ:
        return "uWSGI"
    # Also a class that is made from a library's own
    sources = [kind.__module__ for kind in type(environ["wsgi.input"]).__mro__]

    def made_by(library: str) -> bool:
        return any(source.startswith(library) for source in sources)

    if made_by("mod_python") or "mod_python.version" in environ:
        return "mod_python"
    if made_by("flup.server.fcgi"):
        return "FastCGI"
    if made_by("flup.server.scgi"):
        return "SCGI"
    if environ.get("wsgi.run_once"):
        return "CGI"
    return "HTTP"
