"""Settings of the almanac. It keeps nothing: no database, no session, no files."""

from __future__ import annotations

SECRET_KEY = "django-insecure-of-the-almanac-for-loopback-only"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

INSTALLED_APPS: list[str] = []
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "almanac.urls"
WSGI_APPLICATION = "almanac.wsgi.application"

USE_TZ = True
USE_I18N = False
