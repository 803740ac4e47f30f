"""The application of the site that SITE names, between two referees: wsgiref.validate watches the server and the site."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any
from wsgiref.validate import validator

site = import_module(os.environ["DJANGO_SETTINGS_MODULE"])
watched = validator(import_module(site.WATCHED).application)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What the server calls. GATEWAY=wrong puts a mistake of a gateway in front: a length under two names."""
    if os.environ.get("GATEWAY") == "wrong" and environ.get("CONTENT_LENGTH") not in (None, "", "0"):
        environ["HTTP_CONTENT_LENGTH"] = environ["CONTENT_LENGTH"]
    return watched(environ, start_response)
