"""The built site: whole, linked, quiet, offline, usable by everybody."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from book.contents import documents

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

LOADS = (("link", "href"), ("script", "src"), ("img", "src"), ("object", "data"), ("source", "src"), ("iframe", "src"))
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOKS = [(width, theme) for width in (390, 1440) for theme in THEMES]


@cache
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf8"), "html.parser")


def pages(built: Path) -> list[Path]:
    return [path for path in sorted(built.rglob("*.html")) if "_static" not in path.parts]


def test_every_page_of_the_contents_is_there(built: Path) -> None:
    assert [page for page in documents() if not (built / f"{page}.html").is_file()] == []


def test_links_lead_somewhere(built: Path) -> None:
    bad, seen = [], 0
    for page in pages(built):
        for tag, attribute in (("a", "href"), *LOADS):
            for element in soup(page).find_all(tag, attrs={attribute: True}):
                address = urlsplit(str(element[attribute]))
                if address.scheme or address.netloc:
                    continue
                seen += 1
                target = (page.parent / unquote(address.path)).resolve() if address.path else page
                target = target / "index.html" if target.is_dir() else target
                if not target.is_file():
                    bad.append(f"{page.relative_to(built)}: no file {element[attribute]}")
                elif (
                    address.fragment
                    and target.suffix == ".html"
                    and not soup(target).find(id=unquote(address.fragment))
                ):
                    bad.append(f"{page.relative_to(built)}: no anchor {element[attribute]}")
    assert bad == []
    assert seen > 20 * len(documents())


def test_nothing_is_asked_of_another_host(built: Path) -> None:
    bad = [
        f"{page.relative_to(built)}: {element[attribute]}"
        for page in pages(built)
        for tag, attribute in LOADS
        for element in soup(page).find_all(tag, attrs={attribute: True})
        if re.match(r"(https?:)?//", str(element[attribute])) and "canonical" not in (element.get("rel") or [])
    ]
    sheets = [
        path
        for path in built.rglob("bundle-*.css")
        if re.search(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", path.read_text("utf8"))
    ]
    assert bad + sheets == []


def test_a_page_says_what_it_is_about(built: Path) -> None:
    lacking = [
        page
        for page in documents()
        if not (
            soup(built / f"{page}.html").find("meta", attrs={"name": "description"}) and soup(built / f"{page}.html").h1
        )
    ]
    assert lacking == []


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("document", documents())
def test_a_page_in_a_browser(document: str, address: str, browser: Browser) -> None:
    """No error, nothing from elsewhere, no sideways scroll, no barrier that axe finds: narrow and wide, light and dark."""
    axe_core = pytest.importorskip(
        "axe_core_python.sync_playwright", reason="axe-core-python is not installed: tests/requirements.txt"
    )
    problems = []
    for width, theme in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        page = context.new_page()
        told: list[str] = []
        watch(page, address, told)
        page.goto(f"{address}/{document}.html", wait_until="networkidle")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            told.append(f"scrolls sideways: {wide} px")
        told += [
            f"axe {violation['id']}: {node['html'][:120]}"
            for violation in axe_core.Axe().run(page)["violations"]
            for node in violation["nodes"]
        ]
        problems += [f"{width} px, {theme}: {line}" for line in told]
        context.close()
    assert problems == []


def watch(page: Page, address: str, told: list[str]) -> None:
    """Let `told` hear of errors and of requests to other hosts."""
    page.on("pageerror", lambda error: told.append(f"error: {error}"))
    page.on("console", lambda message: told.append(f"console: {message.text}") if message.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            told.append(f"asks for {request.url}") if not request.url.startswith((address, "data:")) else None
        ),
    )
    page.on(
        "response",
        lambda response: told.append(f"{response.status} for {response.url}") if response.status >= 400 else None,
    )


@pytest.mark.browser
def test_pages_open_without_a_server(built: Path, browser: Browser) -> None:
    page = browser.new_page()
    told: list[str] = []
    watch(page, "file:", told)
    for document in documents():
        page.goto((built / f"{document}.html").as_uri())
    page.close()
    assert told == []


@pytest.mark.browser
def test_the_scorecard_filters_by_keyboard(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/book/scorecard.html")
    everything = page.locator("tr[data-verdict]:visible").count()
    select = page.locator(".filter select")
    select.focus()
    page.keyboard.press("ArrowDown")
    some = page.locator("tr[data-verdict]:visible").count()
    assert 0 < some < everything
    assert "section=" in page.url
    page.reload()
    assert page.locator("tr[data-verdict]:visible").count() == some
    page.locator(".filter button").press("Enter")
    page.wait_for_function(f"document.querySelectorAll('tr[data-verdict]:not([hidden])').length === {everything}")
    page.close()
