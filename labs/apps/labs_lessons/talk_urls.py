"""Pages that leave a word: /say/print/, /say/stderr/ and /say/log/ with ?word=…, beside the newsroom's."""

from __future__ import annotations

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

WAYS = {
    "print": print,
    "stderr": lambda word: print(word, file=sys.stderr),
    "log": logging.getLogger("labs_lessons").warning,
}


def say(request: HttpRequest, way: str) -> HttpResponse:
    """Say the word of the query, in one way."""
    WAYS[way](request.GET.get("word", ""))
    return HttpResponse("said\n", content_type="text/plain")


urlpatterns = [path("say/<slug:way>/", say), path("", include("newsroom.urls"))]
