from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from paper.models import Article, Author, Comment, Notice, Photo, Section, Topic

admin.site.site_header = "The Bluestem Lantern"
admin.site.site_title = "The Bluestem Lantern"
admin.site.index_title = "Newsroom"


@admin.register(Section)
class SectionAdmin(admin.ModelAdmin):
    list_display = ["name", "motto", "position"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "role"]
    search_fields = ["name"]


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin):
    list_display = ["title", "credit", "width", "height"]
    search_fields = ["title", "credit"]


class CommentInline(admin.TabularInline):
    model = Comment
    fields = ["name", "text", "is_public"]
    extra = 0


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    list_display = ["headline", "section", "author", "status", "published_at"]
    list_filter = ["status", "section", "published_at"]
    list_select_related = ["section", "author"]
    list_per_page = 50
    search_fields = ["headline", "summary"]
    date_hierarchy = "published_at"
    autocomplete_fields = ["author", "photo", "topics"]
    inlines = [CommentInline]
    # Without it, Django counts the whole archive once more for "of 2,000 articles" on every list.
    show_full_result_count = False


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ["name", "text", "article", "is_public", "created_at"]
    list_filter = ["is_public", "created_at"]
    list_select_related = ["article"]
    search_fields = ["name", "text"]
    autocomplete_fields = ["article"]
    raw_id_fields = ["user"]
    actions = ["hide", "show"]

    @admin.action(description="Hide the selected comments")
    def hide(self, request: HttpRequest, comments: QuerySet[Comment]) -> None:
        self.message_user(request, f"{comments.update(is_public=False)} hidden.")

    @admin.action(description="Show the selected comments")
    def show(self, request: HttpRequest, comments: QuerySet[Comment]) -> None:
        self.message_user(request, f"{comments.update(is_public=True)} shown.")


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    list_display = ["text", "kind", "printed_on"]
    list_filter = ["kind"]
    date_hierarchy = "printed_on"
