"""One page, from a module that is imported once a process like any other."""

from __future__ import annotations

import os

import note  # type: ignore[import-not-found]  # the deployment's, not the settings beside this module
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def show(_request: HttpRequest) -> HttpResponse:
    """What the module said when it was imported, and which process says it."""
    return HttpResponse(f"{note.TEXT}\n", content_type="text/plain", headers={"X-Process": str(os.getpid())})


urlpatterns = [path("note/", show), path("", include("newsroom.urls"))]
