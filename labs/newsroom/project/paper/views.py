"""The pages of the newspaper. Each docstring says what the page costs in queries; a test holds it to that.

The front page, sections and articles are the same for every visitor: they touch neither session nor CSRF token, so they
send no `Vary: Cookie` and a cache can keep one copy for all. What differs by visitor (commenting, the account, the
admin) has addresses of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Count, F, Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import CreateView, DetailView, ListView, TemplateView

from paper.forms import CommentForm, SearchForm
from paper.models import Article, ArticleQuerySet, Author, Comment, Notice, Section, Topic

YEAR = timedelta(days=365)


def most_discussed(articles: ArticleQuerySet, before: datetime) -> QuerySet[Article]:
    """The five articles of the year before that date with most comments. One query."""
    recent = articles.filter(published_at__range=(before - YEAR, before))
    return recent.for_lists().with_comment_counts().order_by(F("comment_count").desc(), "-published_at")[:5]


def newest_comments(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """The five newest with the headlines they speak of. One query."""
    return comments.select_related("article").defer("article__body").order_by("-created_at")[:5]


def by_section(before: datetime) -> QuerySet[Section]:
    """All sections, each with its three newest headlines of the last 60 days as `headlines`. Two queries."""
    recent = Article.objects.published().filter(published_at__range=(before - timedelta(days=60), before))
    newest = recent.select_related("author").defer("body").order_by("-published_at")[:3]
    return Section.objects.prefetch_related(Prefetch("articles", queryset=newest, to_attr="headlines"))


class FrontPage(TemplateView):
    """The front page of the newest edition: 9 queries, 11 pictures, one of them middle-sized.

    Stories, their topics, size of the archive, navigation, most discussed, comments, notices, sections, their headlines.
    """

    template_name = "paper/front_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        articles = Article.objects.published()
        stories = list(articles.for_lists().prefetch_related("topics")[:6])
        context["stories"] = stories
        if stories:
            edition = stories[0].published_at
            assert edition is not None  # by a constraint of the table
            context |= {
                "edition": edition,
                "by_section": by_section(edition),
                "most_discussed": most_discussed(articles, edition),
                "comments": newest_comments(Comment.objects.filter(is_public=True)),
                "notices": Notice.objects.all()[:6],
                "archive": articles.aggregate(size=Count("pk")),
            }
        return context


class SectionFront(ListView):
    """The front of a section, the heaviest ordinary page: 16 queries, 18 pictures (one of them middle-sized), 12 blocks.

    Nothing is fetched in a loop: it is heavy because editors want many blocks, as on a real newspaper's site.
    Section, count of pages, stories with counts of comments, their topics, size of the archive, navigation, most
    discussed, comments, topics, writers, notices, three anniversaries, sections, their headlines.
    """

    template_name = "paper/section.html"
    context_object_name = "stories"
    paginate_by = 13

    def get_queryset(self) -> ArticleQuerySet:
        self.section = get_object_or_404(Section, slug=self.kwargs["slug"])
        stories = Article.objects.published().filter(section=self.section)
        return stories.for_lists().with_comment_counts().prefetch_related("topics")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        stories = context["stories"] = list(context["stories"])
        context["section"] = self.section
        if stories:
            edition = stories[0].published_at
            assert edition is not None  # by a constraint of the table
            articles = Article.objects.published().filter(section=self.section)
            comments = Comment.objects.filter(is_public=True, article__section=self.section)
            context |= {
                "edition": edition,
                "most_discussed": most_discussed(articles, edition),
                "comments": newest_comments(comments),
                "topics": Topic.objects.filter(articles__section=self.section)
                .annotate(article_count=Count("articles"))
                .order_by("-article_count", "name")[:12],
                "writers": Author.objects.filter(articles__section=self.section)
                .annotate(article_count=Count("articles"))
                .order_by("-article_count", "name")[:6],
                "notices": Notice.objects.filter(printed_on__lte=edition)[:5],
                "anniversaries": [(years, self.years_before(articles, edition, years)) for years in (10, 20, 30)],
                "by_section": by_section(edition),
                "archive": articles.aggregate(size=Count("pk"), writers=Count("author", distinct=True)),
            }
        return context

    @staticmethod
    def years_before(articles: ArticleQuerySet, edition: datetime, years: int) -> QuerySet[Article]:
        return articles.filter(published_at__lte=edition - years * YEAR).for_lists()[:3]


class ArticlePage(DetailView):
    """One article with its picture, comments and related articles: 6 queries, 9 pictures.

    Article, topics, comments, navigation, related, newest of the section.
    """

    template_name = "paper/article.html"
    context_object_name = "article"

    def get_queryset(self) -> QuerySet[Article]:
        return Article.objects.published().select_related("section", "author", "photo")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        article = self.object
        topics = list(article.topics.all())
        others = Article.objects.published().for_lists().exclude(pk=article.pk)
        return context | {
            "topics": topics,
            "comments": list(article.comments.filter(is_public=True)),
            "related": others.filter(topics__in=topics).distinct()[:4],
            "newest": others.filter(section=article.section)[:4],
        }


class CommentPage(CreateView):
    """The form below an article, at its own address: 2 queries to show it, 3 to post.

    Article and navigation; or article, Django's check of the constraint, and the insert. For a reader who is signed in,
    session and user on top.
    """

    template_name = "paper/comment.html"
    form_class = CommentForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.article = get_object_or_404(Article.objects.published(), pk=kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        user = self.request.user
        return {"name": user.get_full_name() or user.get_username()} if user.is_authenticated else {}

    def form_valid(self, form: ModelForm) -> HttpResponse:
        form.instance.article = self.article
        if self.request.user.is_authenticated:
            form.instance.user = self.request.user
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"article": self.article}


class SearchPage(ListView):
    """Search by words: 3 queries, of which two read every article; its time grows with the archive.

    Count, results, navigation. Without a question (or with a bad one) only the navigation.
    """

    template_name = "paper/search.html"
    context_object_name = "stories"
    paginate_by = 20

    def get_queryset(self) -> ArticleQuerySet:
        self.form = SearchForm(self.request.GET if "q" in self.request.GET else None)
        if not self.form.is_valid():
            return Article.objects.none()
        return Article.objects.published().search(self.form.cleaned_data["q"]).for_lists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"form": self.form}


class AccountPage(LoginRequiredMixin, ListView):
    """The comments of the reader who is signed in: 5 queries.

    Session, user, count, navigation, comments with their articles.
    """

    template_name = "paper/account.html"
    context_object_name = "comments"
    paginate_by = 20

    def get_queryset(self) -> QuerySet[Comment]:
        return Comment.objects.filter(user=self.request.user.pk).select_related("article").order_by("-created_at")


class JoinPage(CreateView):
    """A new account; its owner is signed in at once."""

    template_name = "registration/join.html"
    form_class = UserCreationForm

    def form_valid(self, form: ModelForm) -> HttpResponse:
        login(self.request, form.save())
        return redirect("account")
