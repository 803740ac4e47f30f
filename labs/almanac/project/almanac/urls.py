from __future__ import annotations

from django.urls import path

from almanac import views

urlpatterns = [
    path("eclipse/", views.eclipse, name="eclipse"),
    path("fail/", views.fail, name="fail"),
    path("hello/", views.hello, name="hello"),
    path("sky/", views.sky, name="sky"),
    path("today/", views.today, name="today"),
]
