"""The newsroom's URLs, all of them below one more prefix."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("mysite/", include("newsroom.urls"))]
