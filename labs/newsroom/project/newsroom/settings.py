"""Settings of the newsroom, the site under test.

Every choice that an experiment varies comes from the environment, and only from there:

    NEWSROOM_DATABASE     path of an SQLite file, or postgres://user:password@host:port/name
    NEWSROOM_CACHE        none (default), locmem, memcached://host:port, memcached:///path/of.sock
    NEWSROOM_CACHE_PAGES  seconds that whole pages stay in the cache; 0 (default) leaves the two middlewares out
    NEWSROOM_SESSIONS     database (default), cache, signed_cookies, file
    NEWSROOM_COOKIE_PATH  the path that its cookies are sent to: / (default), or /paper/ where it lies below one
    NEWSROOM_MEDIA_ROOT   folder of the media files
    NEWSROOM_MEDIA_URL    where browsers find them: /media/ (default), or an absolute URL of another server
    NEWSROOM_SERVE_MEDIA  1: Django itself serves /media/, as nobody should and as one experiment does
    NEWSROOM_BURN         microseconds of processor time that every page costs more; 0 (default) leaves the middleware out
    NEWSROOM_SECRET_KEY   any long text
    NEWSROOM_DEBUG        1: Django's debug mode

What is unset keeps Django's default wherever there is one, so that a measurement speaks of Django as it comes.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from newsroom import environment
from newsroom.hosts import Loopback

BASE_DIR = Path(__file__).resolve().parent.parent
ARCHIVE = BASE_DIR.parents[2] / ".cache" / "newsroom" / "current"

# The app that brings `manage.py runfcgi` back lives beside the newsroom. Appended last: it must hide nothing.
APPS = BASE_DIR.parents[1] / "apps"
if APPS.is_dir() and str(APPS) not in sys.path:
    sys.path.append(str(APPS))

SECRET_KEY = environment.text("NEWSROOM_SECRET_KEY", "django-insecure-of-the-bluestem-lantern-for-loopback-only")
DEBUG = environment.flag("NEWSROOM_DEBUG")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", ".localhost", ".test", Loopback()]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "paper",
]
if importlib.util.find_spec("django_runfcgi"):
    INSTALLED_APPS.append("django_runfcgi")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

CACHES = {"default": environment.cache("NEWSROOM_CACHE")}
CACHE_MIDDLEWARE_SECONDS = environment.number("NEWSROOM_CACHE_PAGES", most=86_400)
if CACHE_MIDDLEWARE_SECONDS:
    # The order that Django's documentation asks for; the first only tells hits from misses.
    MIDDLEWARE = [
        "paper.middleware.CacheHeader",
        "django.middleware.cache.UpdateCacheMiddleware",
        *MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]

BURN_MICROSECONDS = environment.number("NEWSROOM_BURN", most=1_000_000)
if BURN_MICROSECONDS:
    MIDDLEWARE = ["paper.middleware.Burn", *MIDDLEWARE]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "paper.context.masthead",
            ],
        },
    },
]

DATABASES = {"default": environment.database("NEWSROOM_DATABASE", ARCHIVE / "newspaper.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SESSIONS = {
    "database": "django.contrib.sessions.backends.db",
    "cache": "django.contrib.sessions.backends.cache",
    "signed_cookies": "django.contrib.sessions.backends.signed_cookies",
    "file": "django.contrib.sessions.backends.file",
}
SESSION_ENGINE = SESSIONS[environment.choice("NEWSROOM_SESSIONS", SESSIONS, "database")]
if isinstance(DATABASES["default"]["NAME"], Path):
    # Session files lie beside the database, in the deployment's own folder, and go with it.
    SESSION_FILE_PATH = DATABASES["default"]["NAME"].parent

# Django's default, /, sends them to every site of the host: two sites below paths would overwrite each other's.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = environment.path("NEWSROOM_COOKIE_PATH", "/")

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "front-page"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Django's own default, because the paper it was written for is in Kansas.
TIME_ZONE = "America/Chicago"
USE_TZ = True
LANGUAGE_CODE = "en-us"
USE_I18N = False

# Without a slash in front, Django puts the prefix of a sub-directory there: right when Django itself serves the files.
# A front-end serves them from the root of the host instead.
SERVE_MEDIA = environment.flag("NEWSROOM_SERVE_MEDIA")
MEDIA_ROOT = environment.folder("NEWSROOM_MEDIA_ROOT", ARCHIVE / "media")
MEDIA_URL = environment.url("NEWSROOM_MEDIA_URL", "media/" if SERVE_MEDIA else "/media/")
# Style sheets are files like photographs: one folder, one server for both.
STATIC_ROOT = MEDIA_ROOT / "static"
STATIC_URL = MEDIA_URL + "static/"

# Errors go to standard error, and so to the error log of whatever server runs the site. A page that is not found is no error.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {process} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
    },
}
