"""A project whose every page says how Django read the address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import re_path
from django.views.decorators.csrf import csrf_protect

SECRET_KEY = "for tests"
ROOT_URLCONF = __name__
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
WSGI_APPLICATION = "tiny_wsgi.application"
# As most projects behind a proxy have it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@csrf_protect
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


def echo(request: HttpRequest) -> JsonResponse:
    said = {name: request.META.get(name, "") for name in ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR")}
    script = request.path.removesuffix(request.path_info)
    return JsonResponse({"script": script, "path": request.path_info, "url": request.build_absolute_uri("/"), **said})


urlpatterns = [re_path(r"^form/\Z", form), re_path(r"^[\s\S]*\Z", echo)]
