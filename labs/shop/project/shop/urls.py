from __future__ import annotations

from django.conf import settings
from django.urls import path, re_path
from django.views.static import serve

from shop import views

urlpatterns = [
    path("", views.shelf, name="shelf"),
    path("goods/<slug:slug>/", views.good, name="good"),
    path("basket/", views.basket, name="basket"),
    path("hello/", views.hello, name="hello"),
    path("whoami/", views.whoami, name="whoami"),
]

if settings.SERVE_MEDIA:
    urlpatterns.append(re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}, name="media"))
