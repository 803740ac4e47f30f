"""Settings of the shop. What depends on where it lies comes from the environment:

SHOP_COOKIE_PATH  the path that its cookies are sent to: / (default), or /shop/ where it lies below one
SHOP_MEDIA_URL    where browsers find its files: /media/ (default)
SHOP_SERVE_MEDIA  1: Django itself serves them
SHOP_SECRET_KEY   any long text
"""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY") or "django-insecure-of-the-shop-for-loopback-only"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", ".localhost", ".test"]

INSTALLED_APPS = ["django.contrib.sessions", "shop"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.media",
            ]
        },
    },
]

# The basket travels with the reader: no database, and nothing to copy for a lab.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = os.environ.get("SHOP_COOKIE_PATH") or "/"

SERVE_MEDIA = os.environ.get("SHOP_SERVE_MEDIA") == "1"
MEDIA_ROOT = BASE_DIR / "media"
# Without a slash in front Django puts the prefix of a sub-directory there: right where Django itself serves the files.
MEDIA_URL = os.environ.get("SHOP_MEDIA_URL") or ("media/" if SERVE_MEDIA else "/media/")

USE_TZ = True
USE_I18N = False
