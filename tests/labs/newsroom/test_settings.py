from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., list[dict[str, Any]]]
Python = Callable[..., "subprocess.CompletedProcess[str]"]


def page(path: str, **more: str) -> dict[str, str]:
    return {"PATH_INFO": path, **more}


def test_the_page_cache_says_hit_or_miss(ask: Ask) -> None:
    first, second, other, hello, again, missing, slash, form, wait = ask(
        page("/articles/5/"),
        page("/articles/5/", HTTP_COOKIE="theme=dark"),
        page("/articles/6/"),
        page("/hello/"),
        page("/hello/"),
        page("/articles/999999/"),
        page("/hello"),
        page("/articles/5/comments/"),
        page("/wait/"),
        NEWSROOM_CACHE="locmem",
        NEWSROOM_CACHE_PAGES="60",
    )
    assert [answer["headers"].get("x-cache") for answer in (first, second, other)] == ["miss", "hit", "miss"]
    assert first["body"] == second["body"]
    assert first["headers"]["cache-control"] == "max-age=60"
    assert [answer["headers"].get("x-cache") for answer in (hello, again)] == ["miss", "hit"]
    assert (missing["status"], slash["status"]) == (404, 301)
    assert "x-cache" not in missing["headers"]
    assert "x-cache" not in slash["headers"]
    assert form["headers"]["x-cache"] == wait["headers"]["x-cache"] == "miss"


def test_without_a_page_cache_there_is_no_such_header(ask: Ask) -> None:
    first, second = ask(page("/hello/"), page("/hello/"), NEWSROOM_CACHE="locmem")
    assert "x-cache" not in second["headers"] | first["headers"]


def test_below_a_prefix_every_address_has_it(ask: Ask) -> None:
    article, login, redirect, whoami, style = ask(
        *(
            page(path, SCRIPT_NAME="/mysite")
            for path in (
                "/articles/5/",
                "/accounts/login/",
                "/accounts/",
                "/whoami/",
                "/media/static/paper/lantern.css",
            )
        )
    )
    body = article["body"]
    assert (
        body.count('href="/') + body.count('src="/') == body.count('href="/mysite/') + body.count('src="/mysite/') > 20
    )
    assert login["status"] == 200
    assert redirect["headers"]["location"] == "/mysite/accounts/login/?next=/mysite/accounts/"
    assert '"script_name": "/mysite", "path_info": "/whoami/"' in whoami["body"]
    assert "The Bluestem Lantern" in style["body"]


def test_media_come_from_where_the_setting_says(ask: Ask) -> None:
    article, photo = ask(
        page("/articles/5/", SCRIPT_NAME="/mysite"),
        page("/media/photos/thumbnail/town-1.jpg"),
        NEWSROOM_SERVE_MEDIA="0",
    )
    assert 'src="/media/photos/' in article["body"]
    assert photo["status"] == 404
    article, photo = ask(
        page("/articles/5/"),
        page("/media/photos/thumbnail/town-1.jpg"),
        NEWSROOM_MEDIA_URL="http://127.0.1.2:81/media/",
    )
    assert 'src="http://127.0.1.2:81/media/photos/' in article["body"]
    assert 'href="http://127.0.1.2:81/media/static/paper/lantern.css"' in article["body"]
    assert (photo["status"], photo["headers"]["content-type"]) == (200, "image/jpeg")


def test_hosts(ask: Ask) -> None:
    good = ["127.0.0.1:8001", "127.0.1.7", "127.255.0.1:80", "localhost:9", "[::1]:80", "lantern.test", "a.b.test"]
    bad = [
        "example.com",
        "128.0.0.1",
        "127.0.0.1.example.com",
        "127.0.0.1234",
        "test.example",
        "1127.0.0.1",
        "127.0.0.0/8",
    ]
    answers = ask(*(page("/whoami/", HTTP_HOST=host) for host in good + bad))
    assert [answer["status"] for answer in answers] == [200] * len(good) + [400] * len(bad)
    assert "could not read" in answers[-1]["body"]


@pytest.mark.parametrize("kind", ["database", "cache", "signed_cookies", "file"])
def test_a_reader_stays_signed_in_with_every_kind_of_session(django: None, kind: str, database: Path) -> None:
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client, override_settings

    locmem = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with override_settings(SESSION_ENGINE=settings.SESSIONS[kind], CACHES=locmem):
        client = Client()
        client.force_login(get_user_model().objects.get(username="reader002"))
        assert client.get("/accounts/").status_code == 200
    files = list(database.parent.glob("sessionid*"))
    assert bool(files) == (kind == "file")
    for path in files:
        path.unlink()


def test_errors_go_to_standard_error_and_nothing_heavy_is_imported(python: Python) -> None:
    code = (
        "import django; django.setup(); from django.test import Client;"
        "c = Client(HTTP_HOST='127.0.0.1', raise_request_exception=False); c.get('/fail/'); c.get('/nowhere/');"
        "import sys; print(sorted({'PIL', 'pymemcache', 'psycopg', 'flup'} & set(sys.modules)))"
    )
    done = python("-c", code)
    assert "ERROR django.request: Internal Server Error: /fail/" in done.stderr
    assert "RuntimeError: This page fails on purpose." in done.stderr
    assert "nowhere" not in done.stderr
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("NEWSROOM_CACHE", "redis", "none, locmem, memcached://host:port"),
        ("NEWSROOM_CACHE", "memcached://127.0.0.1", "none, locmem, memcached://host:port"),
        ("NEWSROOM_CACHE", "memcached://127.0.0.1:99999999", "none, locmem, memcached://host:port"),
        ("NEWSROOM_CACHE_PAGES", "-1", "a whole number from 0"),
        ("NEWSROOM_CACHE_PAGES", "a minute", "a whole number from 0"),
        ("NEWSROOM_COOKIE_PATH", "/paper", "a path with a slash at either end"),
        ("NEWSROOM_DATABASE", "news.sqlite3", "an absolute path"),
        ("NEWSROOM_DATABASE", "mysql://127.0.0.1/news", "postgres://user:password@host:port/name"),
        ("NEWSROOM_DATABASE", "postgres://127.0.0.1:x/news", "postgres://user:password@host:port/name"),
        ("NEWSROOM_DEBUG", "yes", "1 for on"),
        ("NEWSROOM_MEDIA_ROOT", "media", "an absolute path"),
        ("NEWSROOM_MEDIA_URL", "/media", "a slash at the end"),
        ("NEWSROOM_MEDIA_URL", "ftp://127.0.0.1/", "a path such as /media/"),
        ("NEWSROOM_SESSIONS", "memory", "one of database, cache"),
    ],
)
def test_a_bad_value_is_told_in_one_line(
    django: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from newsroom import environment, settings

    readers: dict[str, Callable[[], Any]] = {
        "NEWSROOM_CACHE": lambda: environment.cache("NEWSROOM_CACHE"),
        "NEWSROOM_CACHE_PAGES": lambda: environment.number("NEWSROOM_CACHE_PAGES", most=10),
        "NEWSROOM_COOKIE_PATH": lambda: environment.path("NEWSROOM_COOKIE_PATH", "/"),
        "NEWSROOM_DATABASE": lambda: environment.database("NEWSROOM_DATABASE", Path("/x")),
        "NEWSROOM_DEBUG": lambda: environment.flag("NEWSROOM_DEBUG"),
        "NEWSROOM_MEDIA_ROOT": lambda: environment.folder("NEWSROOM_MEDIA_ROOT", Path("/x")),
        "NEWSROOM_MEDIA_URL": lambda: environment.url("NEWSROOM_MEDIA_URL", "/media/"),
        "NEWSROOM_SESSIONS": lambda: environment.choice("NEWSROOM_SESSIONS", settings.SESSIONS, "database"),
    }
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as caught:
        readers[name]()
    message = str(caught.value)
    assert message.startswith(f"{name}={value!r} cannot be used: expected ")
    assert expected in message
    assert "\n" not in message


def test_good_values(django: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsroom import environment

    monkeypatch.setenv("X", "postgres://me:p%40ss@127.0.1.3:5433/news")
    found = environment.database("X", Path("/x"))
    assert [found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "news",
        "me",
        "p@ss",
        "127.0.1.3",
        5433,
    ]
    monkeypatch.setenv("X", "memcached:///tmp/a b/m.sock")
    assert environment.cache("X")["LOCATION"] == "unix:/tmp/a b/m.sock"
    monkeypatch.setenv("X", "memcached://127.0.0.1:11299")
    assert environment.cache("X")["LOCATION"] == "127.0.0.1:11299"
    monkeypatch.setenv("X", "")
    assert environment.cache("X")["BACKEND"].endswith("DummyCache")


def test_manage_says_one_line_without_a_traceback(python: Python) -> None:
    done = python("manage.py", "check", NEWSROOM_CACHE="redis")
    assert done.returncode == 1
    assert done.stderr.startswith("manage.py: NEWSROOM_CACHE='redis' cannot be used")
    assert done.stderr.count("\n") == 1


def test_checks_are_clean_and_migrations_complete(django: None) -> None:
    from django.core.management import call_command

    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_checks_have_ids_and_hints(python: Python, tmp_path: Path) -> None:
    done = python(
        "manage.py",
        "check",
        NEWSROOM_DATABASE=str(tmp_path / "not here" / "news.sqlite3"),
        NEWSROOM_MEDIA_ROOT=str(tmp_path / "nor here"),
        NEWSROOM_CACHE_PAGES="60",
        NEWSROOM_SESSIONS="cache",
        NEWSROOM_CASHE="locmem",
    )
    assert done.returncode == 1
    for number in ("E001", "E003", "W004", "E005", "W006"):
        assert f"(newsroom.{number})" in done.stderr
    assert done.stderr.count("HINT:") == 5
    assert "Did you mean NEWSROOM_CACHE?" in done.stderr


def test_the_environment_is_left_as_it_was(django: None) -> None:
    """Django in this process must not leave its variables to the tests that come after."""
    assert not [name for name in os.environ if name.startswith(("NEWSROOM_", "DJANGO_"))]
    assert os.environ.get("TZ") != "America/Chicago"
