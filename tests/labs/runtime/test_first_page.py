"""The first page of a reader's site: where it leads, why it is none, and that every command asks for the page that was named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from labs import deploy, paths
from labs.cli.main import app
from labs.conformance import check_deployment, run
from labs.errors import LabError, OptionError, StartError
from labs.own.find import Said, own
from labs.runtime import firstpage, launch
from labs.runtime.deployment import Deployment

SETTINGS = """
import os
import time
from pathlib import Path
time.sleep(float(os.environ.get("SHOP_SLOW", "0")))
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "x"
DEBUG = os.environ.get("SHOP_DEBUG") == "1"
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = None
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
"""
URLS = """
import os
import time
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import path

PAGE = '<link rel="stylesheet" href="/static/shop.css"><p>The shop, DEBUG %s</p>'

def page(request):
    return HttpResponse(PAGE % settings.DEBUG)

def to(where):
    return lambda request: HttpResponseRedirect(where.replace("HERE", request.get_host()))

def answer(status):
    return lambda request: HttpResponse("no", status=status)

def slow(request):
    time.sleep(1.5)
    return HttpResponse("at last")

urlpatterns = [
    path("articles/", page),
    path("en/", page),
    path("login/", page),
    path("to-en/", to("/en/")),
    path("to-en-whole/", to("http://HERE/en/")),
    path("to-en-near/", to("../en/?a=b#c")),
    path("to-login/", to("/login/?next=/")),
    path("to-https/", to("https://HERE/en/")),
    path("to-www/", to("http://www.shop.example/")),
    path("to-itself/", to("/to-itself/")),
    path("to-two/", to("/to-en/")),
    path("to-nowhere/", to("/nowhere/")),
    path("to-failing/", to("/failing/")),
    path("401/", answer(401)),
    path("403/", answer(403)),
    path("405/", answer(405)),
    path("slow/", slow),
    path("failing/", lambda request: 1 / 0),
    path("unmigrated/", lambda request: HttpResponse(str(User.objects.count()))),
    path("uncollected/", lambda request: HttpResponse(static("shop.js"))),
    path("unset/", lambda request: HttpResponse(os.environ["SHOP_MODE"])),
]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without a page at /, whose database was never migrated, with a style sheet that was collected."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop").mkdir()
    for name, text in {"settings": SETTINGS, "urls": URLS, "__init__": ""}.items():
        (folder / "shop" / f"{name}.py").write_text(text)
    (folder / "static").mkdir()
    (folder / "static" / "shop.css").write_text("body { margin: 0 }\n" * 10)
    (folder / "static" / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
    return folder


def said(folder: Path, page: str, **more: object) -> Said:
    return Said(folder=folder, settings="shop.settings", page=page, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def running(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The shop behind nginx: the page that was named is not the first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "RUN", tmp_path_factory.mktemp("run"))
        with deploy("gunicorn-nginx", workers=2, site=own(said(shop, "/articles/")).site) as site:
            yield site


def looked(running: Deployment, page: str) -> firstpage.FirstPage:
    return launch.first_page(running.origin, page, "", lambda: None, launch.Patience(30))


@pytest.mark.servers
@pytest.mark.parametrize(
    ("page", "path", "note", "problem", "advice"),
    [
        ("/articles/", "/articles/", "", "", ""),
        ("/to-en/", "/en/", "/to-en/ leads to /en/", "", "--page /en/ names it"),
        ("/to-en-whole/", "/en/", "leads to /en/", "", "--page /en/"),
        ("/to-en-near/", "/en/?a=b", "leads to /en/?a=b", "", "--page '/en/?a=b' names it"),
        ("/to-login/", "/login/?next=/", "leads to /login/?next=/", "", "--page"),
        ("/to-https/", "/to-https/", "leads to https://127.0.0.1", "", "No other address is asked"),
        (
            "/to-www/",
            "/to-www/",
            "leads to http://www.shop.example/, which is no page of http://127.0.0.1",
            "",
            "--page",
        ),
        ("/to-two/", "/to-en/", "/to-two/ leads to /to-en/, and that to /en/", "", "--page /en/ names it"),
        ("/to-itself/", "/to-itself/", "", "which leads to itself", "--page"),
        ("/to-nowhere/", "/nowhere/", "", "/to-nowhere/ leads to /nowhere/, and that answers 404", "--page"),
        ("/to-failing/", "/failing/", "", "and that answers 500", "--page"),
        ("/", "/", "", "404 for /", "no page there. Name a page of the site that anybody may see: --page"),
        (
            "/401/",
            "/401/",
            "",
            "401 for /401/",
            "wants a password. Name a page of the site that anybody may see: --page",
        ),
        ("/403/", "/403/", "", "403 for /403/", "--page"),
        ("/405/", "/405/", "", "405 for /405/", "--page"),
    ],
)
def test_a_page_is_followed_once_and_told(
    running: Deployment, page: str, path: str, note: str, problem: str, advice: str
) -> None:
    seen = looked(running, page)
    assert seen.path == path
    assert (note in seen.note, bool(note)) == (True, bool(seen.note)), seen
    assert (problem in seen.problem, bool(problem)) == (True, bool(seen.problem)), seen
    assert advice in seen.advice, seen


@pytest.mark.parametrize(
    ("base", "location", "host", "path"),
    [
        ("http://127.0.0.1:80/shop", "/shop/en/", "", "/en/"),
        ("http://127.0.0.1:80/shop", "en/", "", "/a/en/"),
        ("http://127.0.0.1:80/shop", "/en/", "", None),  # out of the path that is the site's
        ("http://127.0.0.1:80/shop", "/shops/", "", None),
        ("http://127.0.0.1:8000", "http://127.0.0.1/en/", "", None),  # another port
        ("http://127.0.0.1:8000", "http://news.test/en/", "news.test", "/en/"),
        ("http://127.0.0.1:8000", "//shop.test/en/", "news.test", None),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "", "/"),
        ("http://127.0.0.1:8000", "http://[odd/", "", None),
        ("http://127.0.0.1:8000", "mailto:shop@example.com", "", None),
    ],
)
def test_only_the_site_itself_is_asked(base: str, location: str, host: str, path: str | None) -> None:
    assert firstpage.below(base, "/a/", location, host) == path


# -- one set of questions


@pytest.mark.servers
def test_a_deployment_and_an_address_are_asked_the_same(running: Deployment) -> None:
    """The page is the one that was named: / of this site is 404."""
    up, address = check_deployment(running), run(running.url, page="/articles/")
    asked = [[(each.id, each.state) for each in report.results] for report in (up, address)]
    assert asked[0] == asked[1]
    assert up.passed, up
    assert up.page == address.page == "/articles/"
    assert {each.topic for each in up.results if each.state == "ok"} >= {"status", "connections", "errors", "media"}
    assert up.not_asked == {"only the newsroom has the page": [e.id for e in up.results if e.state == "skipped"]}


@pytest.mark.servers
def test_an_address_follows_its_page_and_refuses_one_that_is_none(running: Deployment) -> None:
    report = run(running.url, page="/to-en/", only=["status", "server-name"])
    assert report.passed, report
    assert (report.page, report.note) == ("/en/", "/to-en/ leads to /en/. --page /en/ names it.")
    assert "/to-en/ leads to /en/. --page /en/ names it." in repr(report).splitlines()
    elsewhere = run(running.url, page="/to-https/", only=["status", "errors", "conn-old"])
    assert elsewhere.passed, elsewhere
    assert "leads to https://127.0.0.1" in elsewhere.note
    for page in ("/", "/401/", "/to-nowhere/", "/failing/"):
        with pytest.raises(LabError, match=r"cannot be checked: .*--page"):
            run(running.url, page=page)
    with pytest.raises(OptionError, match="with a slash in front"):
        run(running.url, page="articles/")


@pytest.mark.servers
def test_the_command_takes_a_page_and_says_in_one_line_what_it_did_not_ask(running: Deployment) -> None:
    runner = CliRunner()
    none = runner.invoke(app, ["check", running.url])
    assert none.exit_code == 2
    assert none.stderr.count("--page") == 1
    named = runner.invoke(app, ["check", running.url, "--page", "/articles/"])
    assert named.exit_code == 0, named.output
    left_out = [line for line in named.stdout.splitlines() if line.startswith("-")]
    assert left_out == [f"-     not asked: {left(named.stdout)} since only the newsroom has the page"]
    every = runner.invoke(app, ["check", running.url, "--page", "/articles/", "--verbose"])
    assert len([line for line in every.stdout.splitlines() if line.startswith("-")]) == left(named.stdout)
    told = json.loads(runner.invoke(app, ["check", running.url, "status", "--page", "/articles/", "--json"]).stdout)
    assert (told["page"], told["passed"]) == ("/articles/", True)
    assert told["not_asked"]["only the newsroom has the page"]
    exercise = runner.invoke(app, ["check", "keep-alive", "keepalive=5", "--page", "/articles/"])
    assert (exercise.exit_code, "--page /articles/: of a server's address" in exercise.stderr) == (2, True)


def left(text: str) -> int:
    """How many checks a report's last line says were not asked."""
    return int(text.rpartition(" not asked")[0].rpartition(" ")[2])


@pytest.mark.servers
def test_up_tells_where_the_page_leads_and_checks_there(shop: Path, run_folder: Path) -> None:
    words = ["up", "gunicorn-nginx", "--site", str(shop), "--settings", "shop.settings", "--set", "workers=2"]
    result = CliRunner().invoke(app, [*words, "--page", "/to-login/", "--check"])
    assert result.exit_code == 0, result.output
    assert result.stdout.count("page: /to-login/ leads to /login/?next=/.") == 1
    assert re.search(r"page /login/\?next=/: (\d+) of \1 checks as they must be", result.stdout), result.stdout


# -- hints that name the cause


@pytest.mark.servers
@pytest.mark.parametrize(
    ("page", "seen", "hint"),
    [
        ("/unmigrated/", "no such table: auth_user", "no table auth_user: python manage.py migrate"),
        (
            "/uncollected/",
            "Missing staticfiles manifest entry",
            "not collected (shop.js): python manage.py collectstatic",
        ),
        ("/unset/", "KeyError: 'SHOP_MODE'", "--env SHOP_MODE=VALUE, or all of them from a file, --env-file .env"),
        ("/failing/", "ZeroDivisionError", "Another page: --page /articles/"),
    ],
)
def test_a_page_that_fails_is_told_with_its_cause(
    shop: Path, run_folder: Path, page: str, seen: str, hint: str
) -> None:
    with pytest.raises(StartError) as caught:
        deploy("gunicorn-nginx", site=own(said(shop, page)).site, workers=1).start()
    message = str(caught.value)
    assert f"came up, but the site did not: 500 for {page}." in message
    assert seen in message
    assert hint in message.partition("  try ")[2], message
    assert message.count("  try ") == 1
    assert "nginx -t" not in message and "[INFO]" not in message
    assert not any(run_folder.iterdir())


@pytest.mark.servers
def test_a_folder_that_is_to_be_kept_outlives_a_failed_start(shop: Path, run_folder: Path) -> None:
    site = own(said(shop, "/")).site
    with pytest.raises(StartError) as caught:
        deploy("gunicorn-nginx", site=site, workers=1, keep=True).start()
    kept = Path(str(caught.value).partition("  folder   ")[2].partition(" stays")[0])
    assert kept.parent == run_folder
    assert (kept / "nginx.conf").is_file() and list((kept / "log").iterdir())


@pytest.mark.servers
def test_a_hint_that_needs_the_folder_says_how_to_keep_it(shop: Path, run_folder: Path) -> None:
    for keep in (False, True):
        site = deploy("gunicorn-nginx", site=own(said(shop, "/articles/")).site, workers=1, keep=keep)
        with (site.folder / "nginx.conf").open("a") as text:
            text.write("\nlisten_to_me;\n")
        with pytest.raises(StartError, match="nginx -t -c on the file") as caught:
            site.start()
        assert ("--keep leaves its folder behind" in str(caught.value)) is not keep
        assert (site.kept is not None and (site.kept / "nginx.conf").is_file()) is keep


@pytest.mark.servers
def test_the_second_of_two_sites_has_a_page_of_its_own(shop: Path, run_folder: Path) -> None:
    words = ["up", "sites-nginx", "--other", str(shop), "--check", "--site", str(shop), "--page", "/to-en/"]
    (shop / "manage.py").write_text('os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")')
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "shop.settings did not: 404 for /." in result.stderr
    assert " --other-page /articles/" in result.stderr and " --page" not in result.stderr
    result = CliRunner().invoke(app, [*words, "--other-page", "/to-login/"])
    assert result.exit_code == 0, result.output
    assert "page of news: /to-en/ leads to /en/. --page /en/ names it." in result.stdout
    assert "page of shop: /to-login/ leads to /login/?next=/. --other-page '/login/?next=/' names it." in result.stdout
    stray = CliRunner().invoke(app, ["up", "gunicorn", "--other-page", "/a/"])
    assert (stray.exit_code, "--other ~/blog" in stray.stderr) == (2, True)


# -- DEBUG for a run


@pytest.mark.servers
@pytest.mark.parametrize(
    ("theirs", "debug", "seen"), [("1", "off", "False"), ("0", "on", "True"), ("1", "as-is", "True")]
)
def test_debug_is_as_it_was_asked_for(shop: Path, run_folder: Path, theirs: str, debug: str, seen: str) -> None:
    chosen = own(said(shop, "/articles/", env=(f"SHOP_DEBUG={theirs}",), debug=debug))
    with deploy("gunicorn", site=chosen.site, workers=1) as site:
        assert f"DEBUG {seen}" in site.get("/articles/").text
        assert site.get("/articles/", headers={"Host": "localhost"}).status == 200  # ALLOWED_HOSTS is empty
    notes = "\n".join(chosen.notes)
    assert ("DEBUG: off for this run" in notes) is (debug == "off")
    assert ("--debug off" in notes) is (debug == "as-is")


def test_without_collected_files_debug_off_names_collectstatic(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "shop").symlink_to(shop / "shop")
    notes = own(said(tmp_path, "/articles/", env=("SHOP_DEBUG=1",), debug="off")).notes
    assert not any("DEBUG is on" in note for note in notes)
    with pytest.raises(OptionError, match="off, on, or as-is"):
        own(said(shop, "/", debug="no"))


# -- a site that takes its time


@pytest.mark.servers
def test_a_slow_site_is_waited_for_as_long_as_was_asked(shop: Path, run_folder: Path) -> None:
    site = own(said(shop, "/slow/")).site
    with deploy("gunicorn", site=site, workers=1) as slow:
        assert slow.started_in is not None and slow.started_in > 1.5
    with pytest.raises(StartError, match=r"within 0\.5 s") as caught:
        deploy("gunicorn", site=site, workers=1, start_timeout=0.5).start()
    assert "--start-timeout 120" in str(caught.value)


def test_slow_settings_are_waited_for_as_long_as_was_asked(shop: Path) -> None:
    words = ["--site", str(shop), "--settings", "shop.settings", "--env", "SHOP_SLOW=20", "--start-timeout", "0.5"]
    result = CliRunner().invoke(app, ["up", "gunicorn", *words])
    assert result.exit_code == 2
    assert "Loading shop.settings took more than 0.5 s" in result.stderr
    assert "--start-timeout gives it more" in result.stderr


@pytest.mark.parametrize(
    "words", [["--page", "/a/"], ["--env", "A=b"], ["--env-file", ".env"], ["--debug", "off"], ["--wsgi", "a"]]
)
def test_what_is_said_of_a_project_that_nobody_named(words: list[str]) -> None:
    result = CliRunner().invoke(app, ["up", "gunicorn", *words])
    assert result.exit_code == 2
    assert f"{words[0]}: of a project of your own. Name its folder: --site" in result.stderr
