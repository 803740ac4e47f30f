"""Mail: every message becomes a file. A load test signs up, resets passwords, orders: nobody gets a letter of it."""

from __future__ import annotations

from typing import Any

from .paths import mapped
from .places import Places

FILES = "django.core.mail.backends.filebased.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def turned(names: dict[str, Any], places: Places) -> dict[str, Any]:
    """Settings that write mail to files, in the form that the project has: MAILERS, new in Django 6.1, forbids the old one."""
    folder = str(places.folder / "mail")
    # Packages that queue mail name the backend that sends it in a setting of their own
    found = mapped(names, lambda value: FILES if type(value) is str and value == SMTP else value)
    if "MAILERS" in names:
        one = {"BACKEND": FILES, "OPTIONS": {"file_path": folder}}
        return {**found, "MAILERS": {alias: dict(one) for alias in names["MAILERS"]}}
    return {**found, "EMAIL_BACKEND": FILES, "EMAIL_FILE_PATH": folder}
