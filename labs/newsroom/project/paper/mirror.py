"""Pages that show what a request became on its way to Django, and answers that are hard to carry back unchanged."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from paper.forms import HeadersForm, StatusForm
from paper.statuses import STATUSES
from paper.workbench import complaint

COOKIES = {"first": "1", "second": "two words", "third": "a=b"}
LONG_COOKIE = 4000
DISPOSITION = "attachment; filename=\"caf.txt\"; filename*=UTF-8''caf%C3%A9.txt"


@never_cache
@csrf_exempt  # Nothing is kept: there is nothing to forge.
def mirror(request: HttpRequest, rest: str = "") -> JsonResponse:
    """Answers any method with what Django sees of the request: path, query, headers, client, and the body's checksum.

    A form's fields come back too. A body of another type is read as it comes, at any size, and never kept.
    """
    form, digest, size = None, hashlib.sha256(), 0
    if request.content_type == "application/x-www-form-urlencoded":
        form = dict(request.POST.lists())
    else:
        while chunk := request.read(65_536):
            digest.update(chunk)
            size += len(chunk)
    return JsonResponse(
        {
            "method": request.method,
            "path": request.path,
            "path_info": request.path_info,
            "script_name": request.META.get("SCRIPT_NAME", ""),
            "query": request.META.get("QUERY_STRING", ""),
            "arguments": dict(request.GET.lists()),
            "headers": dict(request.headers),
            "cookies": request.COOKIES,
            "host": request.get_host(),
            "server": [request.META.get(name, "") for name in ("SERVER_NAME", "SERVER_PORT")],
            "url": request.build_absolute_uri(),
            "secure": request.is_secure(),
            "client": request.META.get("REMOTE_ADDR", ""),
            "form": form,
            "body": None if form is not None else {"size": size, "sha256": digest.hexdigest()},
            "proxy": os.environ.get("HTTP_PROXY"),
        }
    )


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """The status that `code` names, of those in STATUSES, with what belongs to it and a line of text."""
    form = StatusForm(request.GET)
    if not form.is_valid():
        return complaint(form)
    code = form.cleaned_data["code"]
    answer = HttpResponse(
        "" if code == 304 else f"status {code}\n", status=code, content_type="text/plain; charset=utf-8"
    )
    if code == 304:  # without a body there is nothing that could have a type (PEP 3333's validator says so too)
        del answer["Content-Type"]
    for name, value in STATUSES[code].items():
        answer[name] = value
    return answer


@never_cache
@require_safe
def headers(request: HttpRequest) -> HttpResponseBase:
    """Three cookies, a file name with an accent, an empty header, and one of `bytes` letters (10 unless told, at most 20,000).

    `cookies` more, at most four, have 4,000 letters each: about the largest that browsers keep (RFC 6265, 6.1).
    """
    form = HeadersForm(request.GET)
    if not form.is_valid():
        return complaint(form)
    size = form.cleaned_data["bytes"]
    extra: dict[str, Any] = {
        "X-Lantern-Long": "x" * (10 if size is None else size),
        "X-Lantern-Spaces": "two  spaces; and, a comma",
        "X-Lantern-Empty": "",
        "Content-Disposition": DISPOSITION,
    }
    answer = HttpResponse("headers\n", content_type="text/plain; charset=utf-8", headers=extra)
    for name, value in COOKIES.items():
        answer.set_cookie(name, value, httponly=name == "first", samesite="Lax")
    for number in range(form.cleaned_data["cookies"] or 0):
        answer.set_cookie(f"long-{number}", "x" * LONG_COOKIE)
    return answer
