from __future__ import annotations

SECRET_KEY = "no secret: it signs nothing"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tiny.urls"
INSTALLED_APPS = ["django_runfcgi"]
DATA_UPLOAD_MAX_MEMORY_SIZE = None
