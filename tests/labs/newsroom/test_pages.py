from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.fixture
def article(django: None) -> Any:
    from paper.models import Article

    return Article.objects.get(pk=1234)


@pytest.mark.parametrize(
    ("path", "count", "pictures"),
    [
        ("/hello/", 0, 0),
        ("/", 9, 11),
        ("/articles/1/", 6, 9),
        ("/articles/1234/", 6, 9),
        ("/sections/city/", 16, 18),
        ("/sections/sports/?page=2", 16, 18),
        ("/search/", 1, 0),
        ("/search/?q=guitar", 3, 20),
        ("/articles/1234/comments/", 2, 0),
        ("/accounts/login/", 1, 0),
    ],
)
def test_a_page_costs_what_its_docstring_says(client: Any, queries: Any, path: str, count: int, pictures: int) -> None:
    with queries() as captured:
        response = client.get(path)
    assert response.status_code == 200
    assert len(captured) == count, "\n".join(query["sql"][:160] for query in captured.captured_queries)
    assert response.content.count(b"<img") == pictures


@pytest.mark.parametrize("path", ["/", "/articles/1234/", "/sections/arts/", "/search/?q=goat", "/hello/"])
def test_shared_pages_do_not_vary_by_visitor(client: Any, path: str) -> None:
    """Else the per-site cache would keep one copy a visitor."""
    assert not client.login(username="nobody", password="wrong")
    anonymous = client.get(path)
    assert "Vary" not in anonymous
    assert not anonymous.cookies
    client.force_login(user("reader001"))
    assert client.get(path).content == anonymous.content


def user(name: str) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username=name)


def test_an_article_shows_its_parts(client: Any, article: Any) -> None:
    page = client.get(article.get_absolute_url()).content.decode()
    assert article.headline in page
    assert article.photo.medium.url in page
    assert article.author.name in page
    assert page.count('class="comment"') == article.comments.filter(is_public=True).count() > 0
    assert page.count("<p>") >= article.body.count("\n\n") + 1


def test_every_section_and_its_last_page_answer(client: Any) -> None:
    from paper.models import Section

    for section in Section.objects.all():
        page = client.get(section.get_absolute_url())
        last = page.context["page_obj"].paginator.num_pages
        assert last > 10
        assert client.get(section.get_absolute_url(), {"page": last}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/articles/999999/", "/articles/2001/", "/sections/weather/", "/sections/city/?page=9999", "/nowhere/"]
)
def test_what_is_not_there_is_404_and_tells_nothing(client: Any, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    page = response.content.decode()
    assert "never printed" in page
    assert not re.search("urlconf|paper|Traceback|DEBUG", page, re.IGNORECASE)


def test_a_hidden_comment_is_not_shown(client: Any, article: Any) -> None:
    comment = article.comments.create(name="Troll", text="Unfit to print", is_public=False)
    assert "Unfit to print" not in client.get(article.get_absolute_url()).content.decode()
    comment.delete()


def test_a_comment_needs_the_token_and_appears_at_once(strict_client: Any, queries: Any, article: Any) -> None:
    path = f"/articles/{article.pk}/comments/"
    words = {"name": "Ida <b>", "text": "The goat & I object."}
    assert strict_client.post(path, words).status_code == 403

    form = strict_client.get(path).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    with queries() as captured:
        response = strict_client.post(path, {**words, "csrfmiddlewaretoken": token[1]})
    assert response.status_code == 302
    assert len(captured) == 3

    page = strict_client.get(response["Location"].partition("#")[0]).content.decode()
    assert "The goat &amp; I object." in page
    assert "Ida &lt;b&gt;" in page
    article.comments.get(text=words["text"]).delete()


def test_a_comment_of_a_reader_who_is_signed_in_is_theirs(client: Any, queries: Any, article: Any) -> None:
    reader = user("reader007")
    client.force_login(reader)
    path = f"/articles/{article.pk}/comments/"
    assert reader.get_full_name() in client.get(path).content.decode()
    client.post(path, {"name": reader.get_full_name(), "text": "Mine."})
    comment = article.comments.get(text="Mine.")
    assert comment.user == reader
    with queries() as captured:
        page = client.get("/accounts/")
    assert len(captured) == 5
    assert "Mine." in page.content.decode()
    comment.delete()


@pytest.mark.parametrize(
    "words", [{"name": "", "text": "Hello there"}, {"name": "Ida", "text": ""}, {"name": "Ida", "text": "x" * 2001}]
)
def test_an_empty_or_endless_comment_is_returned_with_its_error(client: Any, words: dict[str, str]) -> None:
    response = client.post("/articles/1234/comments/", words)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()


def test_search_finds_every_word_anywhere(client: Any) -> None:
    response = client.get("/search/", {"q": "GOAT  rhubarb"})
    found = response.context["page_obj"].paginator.object_list
    assert 0 < len(found) < 200
    for story in found:
        text = f"{story.headline} {story.summary} {story.body}".lower()
        assert "goat" in text
        assert "rhubarb" in text
    assert "0 articles found" in client.get("/search/", {"q": "submarine"}).content.decode()
    assert "errorlist" in client.get("/search/", {"q": "x"}).content.decode()


def test_joining_signs_in(client: Any) -> None:
    secret = "limestone-and-wheat"
    response = client.post(
        "/accounts/join/", {"username": "newcomer", "password1": secret, "password2": secret}, follow=True
    )
    assert response.redirect_chain == [("/accounts/", 302)]
    assert "newcomer" in response.content.decode()
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/accounts/")["Location"] == "/accounts/login/?next=/accounts/"
    user("newcomer").delete()


def test_the_editor_signs_in_with_the_documented_password_and_edits(client: Any) -> None:
    from labs.newsroom.data import EDITOR, PASSWORD

    before = user(EDITOR).password
    response = client.post("/admin/login/?next=/admin/", {"username": EDITOR, "password": PASSWORD})
    assert response["Location"] == "/admin/"
    assert user(EDITOR).password == before, "logging in wrote a new hash: the rounds are not Django's"
    models = ("article", "author", "comment", "notice", "photo", "section", "topic")
    for model in models:
        assert client.get(f"/admin/paper/{model}/").status_code == 200
    for path in ("article/?q=goat&status__exact=published", "article/1234/change/", "comment/?q=dog", "article/add/"):
        assert client.get(f"/admin/paper/{path}").status_code == 200
    assert client.get("/admin/paper/article/2001/change/").status_code == 200


def test_rows_pass_the_models_own_validation(django: None) -> None:
    from paper.models import Article, Author, Comment, Notice, Photo, Section, Topic

    for model in (Section, Author, Topic, Photo):
        for thing in model.objects.all():
            thing.full_clean()
    for sample in (Article, Comment, Notice):
        for thing in sample.objects.all()[:100]:
            thing.full_clean()


def test_the_database_refuses_a_published_article_without_a_date(article: Any) -> None:
    from django.core.exceptions import ValidationError
    from django.db import IntegrityError
    from paper.models import Article

    with pytest.raises(IntegrityError, match="article_published_has_date"):
        Article.objects.filter(pk=article.pk).update(published_at=None)
    article.published_at = None
    with pytest.raises(ValidationError, match="needs a date of publication"):
        article.full_clean()
