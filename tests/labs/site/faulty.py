"""The tiny project with something wrong with it: FAULT says what."""

from __future__ import annotations

import os
import time

import tiny
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

FAULT = os.environ["FAULT"]
if FAULT == "import":
    raise ImproperlyConfigured("SHOP_KEY is not set")

SECRET_KEY = tiny.SECRET_KEY
ROOT_URLCONF = __name__
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DATABASE", ""),
        "OPTIONS": {"timeout": 0.2},
    }
}
LOGGING = {
    "version": 1,
    "handlers": {"error": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["error"], "level": "ERROR", "propagate": False}},
}


def page(request: HttpRequest) -> HttpResponse:
    match FAULT:
        case "error":
            raise RuntimeError("this page always fails")
        case "silence":
            time.sleep(60)
        case "database":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE article SET read = read + 1")
        case "vanish":
            os._exit(3)
    return HttpResponse("hello")


urlpatterns = [path("", page)]
