from __future__ import annotations

from django.urls import path, re_path

from paper import mirror, views, workbench

urlpatterns = [
    # The newspaper
    path("", views.FrontPage.as_view(), name="front-page"),
    path("sections/<slug:slug>/", views.SectionFront.as_view(), name="section"),
    path("articles/<int:pk>/", views.ArticlePage.as_view(), name="article"),
    path("articles/<int:pk>/comments/", views.CommentPage.as_view(), name="comment"),
    path("search/", views.SearchPage.as_view(), name="search"),
    path("accounts/", views.AccountPage.as_view(), name="account"),
    path("accounts/join/", views.JoinPage.as_view(), name="join"),
    # Pages with one property each, made for experiments
    path("hello/", workbench.hello, name="hello"),
    path("upload/", workbench.upload, name="upload"),
    path("download/", workbench.download, name="download"),
    path("stream/", workbench.stream, name="stream"),
    path("wait/", workbench.wait, name="wait"),
    path("fail/", workbench.fail, name="fail"),
    path("whoami/", workbench.whoami, name="whoami"),
    path("collect/", workbench.collect, name="collect"),
    # What a request became on its way, and answers that are hard to carry back
    path("mirror/", mirror.mirror, name="mirror"),
    # <path:rest> would stop at a line feed, and what a front-end makes of one is to be seen
    re_path(r"^mirror/(?P<rest>[\s\S]+)\Z", mirror.mirror, name="mirror-path"),
    path("status/", mirror.status, name="status"),
    path("headers/", mirror.headers, name="headers"),
]
