"""Two pages that work, one that raises, and two that end the process that makes them."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse

LOOK = 0.2  # seconds that a look at the sky takes


def hello(request: HttpRequest) -> HttpResponse:
    """Nothing but a greeting: the almanac is up."""
    return HttpResponse("Hello from the almanac\n", content_type="text/plain; charset=utf-8")


def sky(request: HttpRequest) -> HttpResponse:
    """A page that waits, as for another service: the reader of it is in flight for that long."""
    time.sleep(LOOK)
    return HttpResponse("clear\n", content_type="text/plain; charset=utf-8")


def fail(request: HttpRequest) -> HttpResponse:
    """Raises, which ends nothing but this page."""
    raise RuntimeError("This page fails on purpose.")


def today(request: HttpRequest) -> HttpResponse:
    """Imports what it needs when it is first asked for; one of these imports ends the process."""
    from almanac import today as page

    return HttpResponse(page.text(), content_type="text/plain; charset=utf-8")


def eclipse(request: HttpRequest) -> HttpResponse:
    """The same, with two imports that work alone and not together."""
    from almanac import eclipse as page

    return HttpResponse(page.text(), content_type="text/plain; charset=utf-8")
