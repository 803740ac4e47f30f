"""Pages that tell of the process they run in, beside the newsroom's.

/say/print/, /say/stderr/ and /say/log/ leave the word of ?word=… there; /thread/ tells whose the thread's own data are.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

WAYS: dict[str, Callable[[str], None]] = {
    "print": print,
    "stderr": lambda word: print(word, file=sys.stderr),
    "log": logging.getLogger("labs_lessons").warning,
}


def say(request: HttpRequest, way: str) -> HttpResponse:
    """Say the word of the query, in one way."""
    WAYS[way](request.GET.get("word", ""))
    return HttpResponse("said\n", content_type="text/plain")


own = threading.local()


def thread(_request: HttpRequest) -> JsonResponse:
    """The thread that answers, and the one that its thread-local data came from. Python promises that they are one."""
    here = threading.get_ident()
    if not hasattr(own, "thread"):
        own.thread = here
    return JsonResponse({"thread": here, "own": own.thread})


urlpatterns = [path("thread/", thread), path("say/<slug:way>/", say), path("", include("newsroom.urls"))]
