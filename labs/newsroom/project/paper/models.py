"""What a newspaper keeps: sections, writers, topics, photographs, articles, comments of readers, notices."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import FileExtensionValidator, MinLengthValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone


class Section(models.Model):
    name = models.CharField(max_length=40, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    motto = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(help_text="Order in the navigation.")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["position"], name="section_position_unique")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("section", args=[self.slug])


class Author(models.Model):
    name = models.CharField(max_length=80, unique=True)
    role = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Photo(models.Model):
    """A photograph in three sizes.

    FileField with stored dimensions instead of ImageField: the site then starts, checks and serves without Pillow, which
    only the generator of the archive needs.
    """

    JPEG = FileExtensionValidator(["jpg", "jpeg"])

    title = models.CharField(max_length=120)
    credit = models.CharField(max_length=80)
    large = models.FileField(upload_to="photos/large", validators=[JPEG])
    medium = models.FileField(upload_to="photos/medium", validators=[JPEG])
    thumbnail = models.FileField(upload_to="photos/thumbnail", validators=[JPEG])
    width = models.PositiveSmallIntegerField(help_text="Of the large file, in pixels.")
    height = models.PositiveSmallIntegerField(help_text="Of the large file, in pixels.")

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="photo_has_dimensions"),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, at: datetime | None = None) -> ArticleQuerySet:
        """Articles that a visitor may read at that time (now, unless told)."""
        return self.filter(status=Article.Status.PUBLISHED, published_at__lte=at or timezone.now())

    def for_lists(self) -> ArticleQuerySet:
        """With everything that a teaser shows, but not the body, which is most of a row."""
        return self.select_related("section", "author", "photo").defer("body")

    def with_comment_counts(self) -> ArticleQuerySet:
        """With `comment_count`. By a subquery: a join would group the whole archive before a page of it is cut off."""
        public = Comment.objects.filter(article=OuterRef("pk"), is_public=True).order_by()
        counts = public.values("article").annotate(size=Count("pk")).values("size")
        return self.annotate(comment_count=Coalesce(Subquery(counts), 0))

    def search(self, words: str) -> ArticleQuerySet:
        """Articles that contain every one of the words. Reads the whole archive: LIKE '%word%' has no use for an index."""
        found = self
        for word in words.split():
            found = found.filter(Q(headline__icontains=word) | Q(summary__icontains=word) | Q(body__icontains=word))
        return found


class Article(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="articles")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="articles")
    topics = models.ManyToManyField(Topic, related_name="articles", blank=True)
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, related_name="articles", null=True, blank=True)
    caption = models.CharField(max_length=200, blank=True)
    headline = models.CharField(max_length=160)
    summary = models.CharField(max_length=300)
    body = models.TextField(help_text="Paragraphs, with an empty line between two.")
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "-published_at"], name="article_newest"),
            models.Index(fields=["section", "status", "-published_at"], name="article_newest_in_section"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft") | Q(status="published", published_at__isnull=False),
                name="article_published_has_date",
                violation_error_message="A published article needs a date of publication.",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        return reverse("article", args=[self.pk])


class Comment(models.Model):
    """What a reader says below an article; with an account or only under a name."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="comments", null=True, blank=True
    )
    name = models.CharField(max_length=60)
    text = models.TextField(max_length=2000, validators=[MinLengthValidator(2)])
    is_public = models.BooleanField("public", default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["article", "created_at"], condition=Q(is_public=True), name="comment_public"),
            models.Index(fields=["-created_at"], name="comment_newest"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(name="") & ~Q(text=""), name="comment_says_something")]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:40]}"

    def get_absolute_url(self) -> str:
        return f"{reverse('article', args=[self.article_id])}#comment-{self.pk}"


class Notice(models.Model):
    """A line on the notice board: lost, found, for sale, thanks."""

    class Kind(models.TextChoices):
        LOST = "lost"
        FOUND = "found"
        SALE = "sale", "For sale"
        THANKS = "thanks"

    kind = models.CharField(max_length=6, choices=Kind)
    text = models.CharField(max_length=300)
    printed_on = models.DateField()

    class Meta:
        ordering = ["-printed_on", "-pk"]
        indexes = [models.Index(fields=["-printed_on"], name="notice_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["lost", "found", "sale", "thanks"]), name="notice_kind_known"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
