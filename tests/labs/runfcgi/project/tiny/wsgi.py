"""Django, but for one path that raises past Django, as a broken middleware outside of it would.

wsgiref.validate watches what each protocol makes of a request: what it refuses is a 500.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.validate import validator

from django.core.wsgi import get_wsgi_application

django = validator(get_wsgi_application())


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/raise/":
        raise RuntimeError("raised <past> Django")
    return django(environ, start_response)
