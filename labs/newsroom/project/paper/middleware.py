from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from paper.burn import burn


class Burn:
    """Every page costs `settings.BURN_MICROSECONDS` of processor time more: an effect whose size is known beforehand."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        burn(settings.BURN_MICROSECONDS / 1e6)
        return self.get_response(request)


class CacheHeader:
    """Adds `X-Cache: hit` to a page that the per-site cache answered, `X-Cache: miss` to one that a view made.

    It stands before UpdateCacheMiddleware, so hits pass through it too. Django calls process_view only when a request gets
    as far as a view; a page that came without one can only have come from the cache. Redirects and errors get no header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in (200, 304):
            response["X-Cache"] = "miss" if hasattr(request, "reached_view") else "hit"
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        request.reached_view = True  # type: ignore[attr-defined]  # a note to ourselves, as Django's own middlewares leave
