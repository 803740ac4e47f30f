"""The pages of the shop."""

from __future__ import annotations

import os
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shop.goods import GOODS


@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """Everything on sale, each with its picture and a link."""
    return render(request, "shop/shelf.html", {"goods": GOODS.values()})


@require_safe
def good(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the goods, and the button that puts it into the basket."""
    if slug not in GOODS:
        raise Http404(slug)
    return render(request, "shop/good.html", {"good": GOODS[slug]})


@never_cache
def basket(request: HttpRequest) -> HttpResponse:
    """A POST of `good` puts it into the basket and redirects here; a GET shows what is in it."""
    chosen = request.session.get("basket", [])
    if request.method == "POST":
        slug = request.POST.get("good", "")
        if slug not in GOODS:
            return HttpResponse("There is no such thing in the shop.\n", HTTPStatus.BAD_REQUEST)
        request.session["basket"] = [*chosen, slug]
        return redirect("basket")
    return render(request, "shop/basket.html", {"goods": [GOODS[slug] for slug in chosen if slug in GOODS]})


@require_safe
def hello(request: HttpRequest) -> HttpResponse:
    """The cheapest page."""
    return HttpResponse("Hello from the shop\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def whoami(request: HttpRequest) -> JsonResponse:
    """Which process answered, and where it believes that it lies."""
    return JsonResponse(
        {
            "site": "shop",
            "pid": os.getpid(),
            "host": request.get_host(),
            "script_name": request.META.get("SCRIPT_NAME", ""),
            "path_info": request.path_info,
            "cookies": sorted(request.COOKIES),
        }
    )
