from __future__ import annotations

import os

SECRET_KEY = "no secret: it signs nothing"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tiny.urls"
INSTALLED_APPS = ["django_runfcgi"]
DATA_UPLOAD_MAX_MEMORY_SIZE = None
# For the test of a project that does not load.
WSGI_APPLICATION = f"tiny.{'missing' if os.environ.get('TINY_BROKEN') else 'wsgi'}.application"
