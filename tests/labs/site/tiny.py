"""The smallest Django project that can be served: settings, URLs and views in one module."""

from __future__ import annotations

import os
import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

SECRET_KEY = "for tests"
ROOT_URLCONF = __name__
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
WSGI_APPLICATION = "tiny_wsgi.application"


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello", content_type="text/plain")


def environment(request: HttpRequest, rest: str = "") -> JsonResponse:
    """What the server said of the request, and who answers."""
    said = {key: str(value) for key, value in request.META.items() if key.isupper()}
    return JsonResponse({**said, "pid": os.getpid()})


def burn(request: HttpRequest) -> HttpResponse:
    """Half a second of processor time."""
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass
    return HttpResponse("burnt")


urlpatterns = [
    path("", hello),
    path("burn/", burn),
    path("environment/", environment),
    path("environment/<path:rest>", environment),
]
