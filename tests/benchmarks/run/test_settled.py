"""The page of a reader's site is asked for once before a measurement: followed, or refused with what to name."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.commands import cli
from benchmarks.run import runs
from benchmarks.run.settled import NoPageError, settled
from benchmarks.store import records
from labs.errors import LabError
from labs.own.find import Said, own
from labs.servers.base import START_TIMEOUT

pytestmark = pytest.mark.servers
SETTINGS = 'SECRET_KEY = "x"\nROOT_URLCONF = "shop.urls"\nALLOWED_HOSTS = []\nWSGI_APPLICATION = None\n'
URLS = """
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path

urlpatterns = [
    path("", lambda request: HttpResponseRedirect("/en/")),
    path("en/", lambda request: HttpResponse("hello")),
    path("made/", lambda request: HttpResponse("made", status=201)),
    path("secure/", lambda request: HttpResponseRedirect("https://shop.example/")),
]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that sends visitors of / elsewhere."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop").mkdir()
    for name, text in {"settings": SETTINGS, "urls": URLS, "__init__": ""}.items():
        (folder / "shop" / f"{name}.py").write_text(text)
    return folder


def test_a_page_is_settled_before_anything_is_measured(shop: Path) -> None:
    """At /, the page to which it leads; an answer that would not count is refused, with where it leads."""
    site = own(Said(folder=shop, settings="shop.settings")).site
    found = settled(site, start_timeout=START_TIMEOUT, patience=90, say=lambda _line: None)
    assert (found.page, found.site.ready) == ("/en/", "/en/")
    assert found.note == "page: / leads to /en/. --page /en/ names it."
    made = own(Said(folder=shop, settings="shop.settings", page="/made/")).site
    with pytest.raises(NoPageError, match=r"(?s)/made/ answers 201.*--page /articles/"):
        settled(made, start_timeout=START_TIMEOUT, patience=90, say=lambda _line: None)


def test_a_page_that_is_none_is_told_once_for_all_claims(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path)
    monkeypatch.setattr(runs, "measure", lambda *_words, **_more: pytest.fail("measured"))
    words = ["run", "fastcgi-startup", "tune-keepalive", "--wait", "90", "--site", str(shop), "--page"]
    assert cli.main([*words, "/nowhere/", "--settings", "shop.settings"]) == 1
    told = capsys.readouterr().err
    assert told.count("404 for /nowhere/") == told.count("--page /articles/") == 1
    assert cli.main([*words, "/secure/", "--settings", "shop.settings"]) == 2
    told = capsys.readouterr().err
    assert told.count("https://shop.example/,") == 1
    assert not any(tmp_path.rglob("*.json"))


def test_what_is_measured_is_the_page_to_which_it_leads(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path)
    asked: list[tuple[str, str, float]] = []

    def measure(*_words: object, site: object, page: str, start_timeout: float, **_more: object) -> None:
        asked.append((site.ready, page, start_timeout))  # type: ignore[attr-defined]
        raise LabError("enough")

    monkeypatch.setattr(runs, "measure", measure)
    words = ["run", "fastcgi-startup", "--wait", "90", "--site", str(shop), "--settings", "shop.settings"]
    assert cli.main([*words, "--start-timeout", "50"]) == 1
    assert asked == [("/en/", "/en/", 50.0)]
    assert capsys.readouterr().err.count("your project  page: / leads to /en/. --page /en/ names it.") == 1
